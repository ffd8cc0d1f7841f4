// The "por quê?" drawer: opens beside the chat and shows the turn behind one reply.

import { findTurn } from "./api.js";
import { h, iconButton } from "./dom.js";
import { whySections } from "./why.js";
import { clock, dayName, profileName } from "./words.js";

export function buildDrawer() {
  const title = h("h2", { id: "why-title" }, "Por que esta resposta?");
  const when = h("p", { class: "why-when" });
  const content = h("div", { class: "why-body", tabindex: "0", role: "region", "aria-labelledby": "why-title" });
  const dialog = h("dialog", { class: "drawer", "aria-labelledby": "why-title" });
  dialog.append(h("header", {}, h("div", {}, title, when), iconButton("close", "Fechar", () => dialog.close())), content);
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  document.body.append(dialog);

  async function open(turnId) {
    when.textContent = "Carregando…";
    content.replaceChildren();
    if (!dialog.open) dialog.showModal();
    content.scrollTop = 0;
    try {
      const turn = await findTurn(turnId);
      when.textContent = [profileName(turn.profile), `${dayName(turn.finished_at)}, ${clock(turn.finished_at)}`].join(" · ");
      content.replaceChildren(...whySections(turn));
    } catch (error) {
      when.textContent = "";
      content.replaceChildren(h("p", { class: "why-empty" }, `Não foi possível abrir: ${error.message}`));
    }
  }

  return { open, close: () => dialog.open && dialog.close() };
}
