// What a reply offers to tap: reply buttons, a list that opens as a sheet, a code to copy, and QR pictures.

import { Refused, payCode, pictureAddress } from "./api.js";
import { h, icon, iconButton } from "./dom.js";

const SHOWN_FOR = 2_000;
const PIX = "000201"; // how every Pix code begins

/** The choices below a bubble, or null; onTap gets the choice {id, title}. */
export function choices({ kind, content }, onTap) {
  const offered = content?.choices ?? [];
  if (!offered.length) return null;
  if (kind === "list") return group(choice("list", content.menu, () => openSheet(content.menu, offered, onTap), { "aria-haspopup": "dialog" }));
  return group(...offered.map((one) => choice("reply", one.title, () => onTap(one))));
}

/** What can be done with a code: copy it and, as this shop's bank is simulated too, pay it. */
export function codeButtons(text) {
  return text.startsWith(PIX) ? group(copyButton(text), payButton(text)) : group(copyButton(text));
}

const paid = new Set(); // a new message draws the talk anew, and what was paid stays paid

function payButton(text) {
  const words = h("span", { "aria-live": "polite" }, paid.has(text) ? "Pago" : "Pagar (banco simulado)");
  const button = choice("check", words, async () => {
    button.disabled = true;
    try {
      await payCode(text);
      paid.add(text);
      words.textContent = "Pago";
    } catch (problem) {
      words.textContent = problem instanceof Refused ? "O banco recusou" : "Tente outra vez";
      button.disabled = problem instanceof Refused;
    }
  });
  button.disabled = paid.has(text);
  return button;
}

/** Copies the text, and says whether it did. */
function copyButton(text) {
  const words = h("span", { "aria-live": "polite" }, "Copiar código");
  const button = choice("copy", words, async () => {
    words.textContent = (await copy(text)) ? "Copiado" : "Selecione o texto e copie";
    setTimeout(() => (words.textContent = "Copiar código"), SHOWN_FOR);
  });
  return button;
}

export function picture(id) {
  return h("img", { class: "qr", src: pictureAddress(id.slice("out-".length)), alt: "QR Code para pagar com o celular", width: 240, height: 240 });
}

const group = (...buttons) => h("div", { class: "choice-buttons" }, ...buttons);
const choice = (sign, label, onclick, attributes = {}) => h("button", { type: "button", class: "choice", onclick, ...attributes }, icon(sign, 18), label);

function openSheet(title, offered, onTap) {
  const send = h("button", { type: "submit", class: "primary", disabled: true }, "Enviar");
  const rows = h("ul", { class: "rows" }, ...offered.map((one, place) => row(one, place, () => (send.disabled = false))));
  const form = h("form", { method: "dialog" }, rows, h("div", { class: "sheet-foot" }, send));
  const sheet = h("dialog", { class: "sheet", "aria-label": title }, h("header", {}, h("h2", {}, title), iconButton("close", "Fechar", () => sheet.close())), form);
  form.addEventListener("submit", () => {
    const chosen = form.querySelector("input:checked");
    if (chosen) onTap(offered[Number(chosen.value)]);
  });
  sheet.addEventListener("click", (event) => event.target === sheet && sheet.close());
  sheet.addEventListener("close", () => sheet.remove());
  document.body.append(sheet);
  sheet.showModal();
}

function row({ title, description }, place, onchange) {
  const words = h("span", { class: "row-words" }, h("b", {}, title), description ? h("small", {}, description) : null);
  return h("li", {}, h("label", { class: "row-choice" }, words, h("input", { type: "radio", name: "choice", value: place, onchange })));
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyThroughBox(text); // no clipboard where a phone opens the page over plain http
  }
}

function copyThroughBox(text) {
  const box = h("textarea", { class: "hidden-label", "aria-hidden": "true" });
  box.value = text;
  document.body.append(box);
  box.select();
  const done = document.execCommand("copy");
  box.remove();
  return done;
}
