// The page's two status lines: the banner over everything, and whether the seller is alive.

import { isWorkerAlive } from "./api.js";

const EVERY = 15_000;
const BANNER_AFTER = 1_500;
const BANNER_LASTS = 6_000;
const WORDS = {
  true: "Vendedor ativo",
  false: "Vendedor parado: as mensagens ficam guardadas",
  null: "Situação do vendedor desconhecida",
};

export class Status {
  constructor({ banner, health, onWorker }) {
    Object.assign(this, { banner, health, onWorker });
    this.workerAlive = null;
    setInterval(() => this.check(), EVERY);
  }

  /** A passing notice, or one that stays until the line is back. */
  say(text, { stays = false } = {}) {
    clearTimeout(this.ends);
    this.banner.textContent = text;
    this.banner.hidden = false;
    if (!stays) this.ends = setTimeout(() => (this.banner.hidden = true), BANNER_LASTS);
  }

  line(isUp) {
    if (isUp === this.isUp) return;
    this.isUp = isUp;
    clearTimeout(this.later);
    if (isUp) {
      this.banner.hidden = true;
      this.check();
    } else {
      // A reload of the server is over before anybody needs to read about it.
      this.later = setTimeout(() => this.say("Sem conexão com o servidor. Tentando de novo…", { stays: true }), BANNER_AFTER);
    }
  }

  async check() {
    this.workerAlive = await isWorkerAlive();
    this.health.dataset.alive = String(this.workerAlive);
    this.health.lastElementChild.textContent = WORDS[this.workerAlive];
    this.onWorker(this.workerAlive);
  }
}
