// Where the customer writes: a growing text box, example sentences, and simulated pictures, voice notes and stickers.

import { h, icon, iconButton } from "./dom.js";

const LONGEST = 4096;
const ATTACHMENTS = [
  ["image", "Foto", "image"],
  ["audio", "Mensagem de voz", "mic"],
  ["sticker", "Figurinha", "smile"],
];

export class Composer {
  constructor({ name, onSend }) {
    this.onSend = onSend;
    this.box = h("textarea", { rows: "1", maxlength: LONGEST, placeholder: "Digite uma mensagem", "aria-label": `Mensagem de ${name}`, enterkeyhint: "send", autocomplete: "off" });
    this.box.addEventListener("input", () => this.fit());
    this.box.addEventListener("keydown", (event) => this.key(event));
    this.send = iconButton("send", "Enviar", () => this.submit(), { class: "icon-button send", disabled: true });
    this.chips = h("div", { class: "chips", role: "group", "aria-label": "Frases de exemplo" });
    this.menu = h("div", { class: "menu", role: "group", "aria-label": "Anexar", hidden: true }, ...ATTACHMENTS.map((kind) => this.attachment(kind)));
    this.attach = iconButton("attach", "Anexar", () => this.toggleMenu(), { "aria-expanded": "false" });
    const row = h("form", { class: "composer", onsubmit: (event) => this.submit(event) }, this.attach, this.menu, this.box, this.send);
    row.addEventListener("keydown", (event) => event.key === "Escape" && this.toggleMenu(false));
    row.addEventListener("focusout", (event) => row.contains(event.relatedTarget) || this.toggleMenu(false, { refocus: false }));
    this.element = h("div", { class: "write" }, this.chips, row);
  }

  attachment([kind, label, picture]) {
    const send = () => {
      this.toggleMenu(false);
      this.onSend(kind, "");
    };
    return h("button", { type: "button", class: `attach-${kind}`, onclick: send }, icon(picture), label);
  }

  toggleMenu(open = this.menu.hidden, { refocus = true } = {}) {
    if (this.menu.hidden === !open) return;
    this.menu.hidden = !open;
    this.attach.setAttribute("aria-expanded", String(open));
    if (open) this.menu.querySelector("button").focus();
    else if (refocus) this.attach.focus();
  }

  /** Show these sentences; tapping one sends it. */
  suggest(sentences, { tall = false } = {}) {
    const sign = sentences.join("\n");
    if (this.suggested === sign) return;
    this.suggested = sign;
    this.chips.replaceChildren(...sentences.map((text) => h("button", { type: "button", class: "chip", onclick: () => this.onSend("text", text) }, text)));
    this.chips.classList.toggle("tall", tall);
    this.chips.scrollLeft = 0;
  }

  key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.submit();
  }

  submit(event) {
    event?.preventDefault();
    const text = this.box.value.trim();
    if (!text) return;
    this.box.value = "";
    this.fit();
    this.onSend("text", text);
    this.box.focus();
  }

  fit() {
    this.send.disabled = !this.box.value.trim();
    this.box.style.height = "auto";
    this.box.style.height = `${Math.min(this.box.scrollHeight, 132)}px`;
  }

  focus() {
    this.box.focus({ preventScroll: true });
  }
}
