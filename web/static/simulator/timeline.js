// Draws one conversation's bubbles and keeps them in place: only what changed is drawn again.

import { choices, codeButtons, picture } from "./choices.js";
import { h, icon } from "./dom.js";
import { KINDS, clock, dayName, formatted } from "./words.js";

const TICKS = {
  waiting: ["clock", "Aguardando conexão"],
  sending: ["clock", "Enviando"],
  sent: ["check", "Enviada"],
  delivered: ["checks", "Entregue"],
  read: ["checks", "Lida pelo vendedor"],
  failed: ["alert", "Não enviada"],
};

export class Timeline {
  constructor({ label, onWhy, onRetry, onTap }) {
    this.list = h("div", { class: "log", role: "log", "aria-label": label, tabindex: "0" });
    this.typing = h("div", { class: "bubble from-seller typing", hidden: true }, h("span"), h("span"), h("span"));
    this.typing.setAttribute("aria-label", "Novo texto sendo escrito");
    this.note = h("p", { class: "note", role: "status", hidden: true });
    this.down = h("button", { type: "button", class: "to-end", "aria-label": "Ir para o fim da conversa", hidden: true, onclick: () => this.toEnd() }, icon("down"));
    this.element = h("div", { class: "log-frame" }, this.list, this.down);
    this.list.append(this.note, this.typing);
    this.list.addEventListener("scroll", () => this.scrolled(), { passive: true });
    new ResizeObserver(() => this.resized()).observe(this.list);
    this.drawn = new Map();
    this.follows = true;
    this.size = "";
    this.onWhy = onWhy;
    this.onRetry = onRetry;
    this.onTap = onTap;
  }

  scrolled() {
    const { clientWidth, clientHeight, scrollHeight, scrollTop } = this.list;
    // A scroll that a resize caused says nothing about where the reader wants to be.
    if (this.size !== `${clientWidth}x${clientHeight}`) return;
    this.follows = scrollHeight - scrollTop - clientHeight < 60;
    this.down.hidden = this.follows;
  }

  // A phone's keyboard or a neighbour column takes room: who was at the end stays there.
  resized() {
    this.size = `${this.list.clientWidth}x${this.list.clientHeight}`;
    this.keepEnd();
  }

  keepEnd() {
    if (this.follows) this.list.scrollTop = this.list.scrollHeight;
  }

  toEnd() {
    this.follows = true;
    this.keepEnd();
  }

  setTyping(isTyping) {
    this.typing.hidden = !isTyping;
    this.keepEnd();
  }

  setNote(text) {
    if (this.note.textContent === text) return;
    this.note.textContent = text;
    this.note.hidden = !text;
    this.keepEnd();
  }

  /** Draw the lines in order; a line is {id, side, kind, text, content, at, tick, turn_id}. */
  show(lines) {
    const kept = new Map();
    let before = null;
    for (const entry of withDays(lines)) {
      const sign = JSON.stringify(entry);
      const known = this.drawn.get(entry.id);
      const node = known?.sign === sign ? known.node : this.draw(entry);
      if (known && known.node !== node) known.node.remove();
      kept.set(entry.id, { sign, node });
      const place = before ? before.nextSibling : this.list.firstChild;
      if (place !== node) this.list.insertBefore(node, place);
      before = node;
    }
    for (const [id, { node }] of this.drawn) if (!kept.has(id)) node.remove();
    this.drawn = kept;
    if (lines.at(-1)?.pending) this.follows = true;
    this.keepEnd();
  }

  draw(entry) {
    if (entry.day) return h("p", { class: "day" }, h("span", {}, entry.day));
    const tail = entry.starts ? " tail" : "";
    const bubble = h("div", { class: `bubble from-${entry.side} ${entry.kind}${tail}`, "data-id": entry.id }, ...body(entry), foot(entry));
    const speaker = h("span", { class: "hidden-label" }, entry.side === "seller" ? "Loja: " : "Cliente: ");
    bubble.prepend(speaker);
    const below = entry.content?.copy ? codeButtons(entry.text) : choices(entry, this.onTap);
    const said = below ? h("div", { class: "with-choices" }, bubble, below) : bubble;
    return h("div", { class: `row from-${entry.side}` }, said, this.action(entry));
  }

  action(entry) {
    if (entry.tick === "failed" && entry.pending)
      return h("button", { type: "button", class: "beside retry", onclick: () => this.onRetry(entry.id) }, "Tentar de novo");
    if (entry.side !== "seller" || !entry.turn_id) return null;
    const about = { type: "button", class: "beside", "aria-label": "Por quê? Ver como esta resposta foi feita" };
    return h("button", { ...about, onclick: () => this.onWhy(entry.turn_id) }, "por quê?");
  }
}

function withDays(lines) {
  let day = "";
  let side = "";
  return lines.flatMap((line) => {
    const today = dayName(line.at);
    const news = today === day ? [] : [{ id: `day-${today}`, day: today }];
    const starts = news.length > 0 || line.side !== side;
    [day, side] = [today, line.side];
    return [...news, { ...line, starts }];
  });
}

function body({ id, side, kind, text }) {
  if (side === "seller" && kind === "image") return [picture(id)];
  const words = text ? [h("span", { class: "words" }, ...formatted(text))] : [];
  if (kind === "audio") {
    const bars = Array.from({ length: 28 }, (_, index) => h("i", { class: `bar-${(index * 7) % 5}` }));
    return [h("span", { class: "voice" }, icon("play", 22), h("span", { class: "wave" }, ...bars), h("b", {}, "0:07")), ...words];
  }
  if (kind === "sticker") return [h("span", { class: "sticker-art", role: "img", "aria-label": "Figurinha" }, icon("sticker", 96))];
  if (KINDS[kind]) return [h("span", { class: "photo" }, icon("image", 40), h("b", {}, `${KINDS[kind]} simulada`)), ...words];
  return words.length ? words : [h("span", { class: "words" }, `[${kind}]`)];
}

function foot({ at, side, tick }) {
  const time = h("time", { datetime: at }, clock(at));
  const mark = side === "customer" || tick === "sending" ? TICKS[tick] : null;
  if (!mark) return h("span", { class: "foot" }, time);
  const said = h("span", { class: "hidden-label" }, mark[1]);
  return h("span", { class: "foot" }, time, h("span", { class: `tick ${tick}`, title: mark[1] }, icon(mark[0], 16)), said);
}
