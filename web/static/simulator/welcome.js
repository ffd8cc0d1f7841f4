// Brings customers in: the cards of the first visit and the dialog for one more.

import { h, icon, iconButton } from "./dom.js";
import { avatar } from "./words.js";

/** One card per example customer; onPick(name) creates it. */
export function presetCards(presets, onPick) {
  const card = ({ name, hint }) =>
    h("button", { type: "button", class: "card", onclick: () => onPick(name) }, avatar(name), h("b", {}, name), h("span", {}, hint));
  return h("div", { class: "cards" }, ...presets.map(card));
}

export function welcomePanel(storeName, presets, onPick) {
  return h(
    "div",
    { class: "welcome" },
    icon("chat", 56),
    h("h2", {}, "Converse como se fosse o cliente"),
    h("p", {}, `Escolha quem vai escrever para ${storeName}. O vendedor responde de verdade, com o catálogo e o estoque da loja, e explica cada resposta em “por quê?”.`),
    presetCards(presets, onPick),
  );
}

/** The dialog "Novo cliente": a name of one's own, or an example. */
export function newCustomerDialog(presets, onPick) {
  const name = h("input", { type: "text", id: "new-name", maxlength: "60", required: true, autocomplete: "off", placeholder: "Ex.: Irmã Célia" });
  const dialog = h("dialog", { class: "dialog", "aria-labelledby": "new-title" });
  const pick = (chosen) => {
    dialog.close();
    onPick(chosen);
  };
  const submit = (event) => {
    event.preventDefault();
    if (name.value.trim()) pick(name.value.trim());
  };
  dialog.append(
    h("header", {}, h("h2", { id: "new-title" }, "Novo cliente"), iconButton("close", "Fechar", () => dialog.close())),
    h("form", { onsubmit: submit }, h("label", { for: "new-name" }, "Nome do cliente"), h("div", { class: "name-row" }, name, h("button", { class: "primary" }, "Criar"))),
    h("p", { class: "or" }, "ou comece com um exemplo"),
    presetCards(presets, pick),
  );
  dialog.addEventListener("close", () => (name.value = ""));
  return dialog;
}

/** Ask before forgetting a conversation; resolves to true or false. */
export function confirmRestart(name) {
  return new Promise((resolve) => {
    const dialog = h("dialog", { class: "dialog", "aria-labelledby": "restart-title" });
    const answer = (value) => () => dialog.close(value);
    dialog.append(
      h("header", {}, h("h2", { id: "restart-title" }, "Recomeçar a conversa?")),
      h("p", {}, `Tudo o que ${name} e a loja escreveram será apagado, junto com o carrinho. O cliente continua na lista.`),
      h("div", { class: "choices" }, h("button", { type: "button", class: "plain", onclick: answer("") }, "Cancelar"), h("button", { type: "button", class: "danger", onclick: answer("yes") }, "Apagar e recomeçar")),
    );
    dialog.addEventListener("close", () => {
      resolve(dialog.returnValue === "yes");
      dialog.remove();
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
