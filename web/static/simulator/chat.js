// One open conversation: shows what the server knows, sends what is written in order, and never sends it twice.

import { Refused, listMessages, markRead, writeMessage } from "./api.js";
import { Composer } from "./composer.js";
import { h, iconButton, uuid } from "./dom.js";
import { Timeline } from "./timeline.js";
import { avatar, profileName } from "./words.js";

const TYPING_LASTS = 25_000;
const LOOK_AGAIN = [250, 500, 1000, 2000, 4000];
const MODES = {
  attendant: "Um atendente foi chamado: o vendedor automático está em silêncio nesta conversa.",
  opted_out: "Este cliente pediu para não receber mensagens. Para voltar, ele escreve “voltar”.",
};

export class Chat {
  constructor({ customer, storeName, starters, followups, onBack, onClose, onRestart, onWhy }) {
    Object.assign(this, { address: customer.address, storeName, starters, followups });
    this.lines = [];
    this.pending = [];
    this.workerAlive = null;
    this.timeline = new Timeline({ label: `Conversa de ${customer.name}`, onWhy, onRetry: (id) => this.retry(id), onTap: (choice) => this.write("button", choice.title, choice.id) });
    this.composer = new Composer({ name: customer.name, onSend: (kind, text) => this.write(kind, text) });
    this.status = h("span", { class: "chat-status" }, `fala com ${storeName}`);
    this.profile = h("span", { class: "profile", hidden: true });
    this.header = h(
      "header",
      { class: "chat-head" },
      iconButton("back", "Voltar para a lista", onBack, { class: "icon-button back" }),
      avatar(customer.name),
      h("div", { class: "who" }, h("div", { class: "name-line" }, h("h2", {}, customer.name), this.profile), this.status),
      iconButton("restart", "Recomeçar a conversa", () => onRestart(customer)),
      iconButton("close", "Fechar a conversa", onClose, { class: "icon-button close" }),
    );
    this.mode = h("p", { class: "mode", hidden: true });
    this.element = h("section", { class: "chat", "aria-label": customer.name, "data-address": customer.address }, this.header, this.mode, this.timeline.element, this.composer.element);
    this.update(customer);
    this.draw();
    this.refresh();
  }

  /** What the list says about this customer: profile and who answers. */
  update({ profile, mode }) {
    this.profile.hidden = !profile;
    this.profile.textContent = profileName(profile);
    this.profile.dataset.profile = profile ?? "";
    this.mode.hidden = !MODES[mode];
    this.mode.textContent = MODES[mode] ?? "";
    this.quiet = Boolean(MODES[mode]);
  }

  setWorker(alive) {
    this.workerAlive = alive;
    this.draw();
  }

  showTyping() {
    this.setTyping(true);
    clearTimeout(this.typingEnds);
    this.typingEnds = setTimeout(() => this.setTyping(false), TYPING_LASTS);
    this.draw();
  }

  setTyping(isTyping) {
    this.isTyping = isTyping;
    this.status.textContent = isTyping ? `${this.storeName} está digitando…` : `fala com ${this.storeName}`;
    this.status.classList.toggle("is-typing", isTyping);
    this.timeline.setTyping(isTyping);
  }

  /** Read anew. An announced reply may not be there yet, and one being sent will change: then look again. */
  async refresh(awaited = null, attempt = 0) {
    clearTimeout(this.again);
    const asked = (this.asked = (this.asked ?? 0) + 1);
    try {
      const lines = await listMessages(this.address);
      if (asked !== this.asked) return;
      this.take(lines);
      const missing = awaited && !lines.some((line) => line.id === `out-${awaited}`);
      const moving = lines.some((line) => line.side === "seller" && line.tick === "sending");
      if ((missing || moving) && attempt < LOOK_AGAIN.length)
        this.again = setTimeout(() => this.refresh(awaited, attempt + 1), LOOK_AGAIN[attempt]);
    } catch {
      // The banner tells; the line coming back reads anew.
    }
  }

  take(lines) {
    const answered = lines.filter((line) => line.side === "seller").length > this.lines.filter((line) => line.side === "seller").length;
    if (answered) clearTimeout(this.typingEnds);
    if (answered) this.setTyping(false);
    const known = new Set(lines.map((line) => line.id));
    this.pending = this.pending.filter((line) => !known.has(line.id));
    this.lines = lines;
    this.draw();
    if (!document.hidden && lines.some((line) => line.side === "seller" && line.tick === "sent")) this.look();
  }

  async look() {
    await markRead(this.address).catch(() => null);
  }

  draw() {
    const all = [...this.lines, ...this.pending];
    // Who writes an answer has read; a list read a moment earlier does not know that yet.
    if (this.isTyping) for (const line of all) if (line.side === "customer" && line.tick === "sent") line.tick = "read";
    this.timeline.show(all);
    this.composer.suggest(all.length ? this.followups : this.starters, { tall: !all.length });
    this.timeline.setNote(this.note(all));
  }

  note(all) {
    if (!all.length) return "Escreva como este cliente escreveria, ou toque numa das frases abaixo.";
    const waits = all.at(-1).side === "customer" && this.workerAlive === false && !this.quiet && !this.isTyping;
    return waits ? "O vendedor está parado. A mensagem ficou guardada e será respondida quando ele voltar." : "";
  }

  write(kind, text, choiceId) {
    const id = uuid();
    this.pending.push({ id: `in-sim.${id}`, side: "customer", kind, text, choice_id: choiceId, at: new Date().toISOString(), tick: "sending", turn_id: null, pending: true });
    this.draw();
    this.flush();
  }

  retry(id) {
    for (const line of this.pending) if (line.id === id) line.tick = "waiting";
    this.flush();
  }

  /** Send what waits, one after the other, so that a burst arrives in the order it was written. */
  async flush() {
    if (this.flushing) return;
    this.flushing = true;
    for (let line; (line = this.pending.find(({ tick }) => tick === "sending" || tick === "waiting")); ) {
      line.tick = await this.deliver(line);
      this.draw();
      if (line.tick === "waiting") break;
    }
    this.flushing = false;
  }

  async deliver({ id, kind, text, choice_id }) {
    try {
      await writeMessage(this.address, { id: id.slice("in-sim.".length), kind, text, choice_id });
      this.refresh();
      return "sent";
    } catch (error) {
      return error instanceof Refused ? "failed" : "waiting";
    }
  }

  clear() {
    this.lines = [];
    this.pending = [];
    this.setTyping(false);
    this.refresh();
    this.draw();
  }
}
