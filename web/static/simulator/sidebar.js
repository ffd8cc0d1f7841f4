// The list of simulated customers: who wrote last, what is unread, which profile was seen.

import { h, icon } from "./dom.js";
import { avatar, preview, profileName, shortTime } from "./words.js";

/** Draw the customers into the list; the focused one stays focused. */
export function drawList(list, customers, { open, typing, onOpen }) {
  const focused = document.activeElement?.closest("[data-address]")?.dataset.address;
  const hadFocus = list.contains(document.activeElement);
  list.replaceChildren(...customers.map((customer) => entry(customer, { isOpen: open.includes(customer.address), isTyping: typing.has(customer.address), onOpen })));
  if (hadFocus && focused) list.querySelector(`[data-address="${focused}"]`)?.focus();
}

function entry(customer, { isOpen, isTyping, onOpen }) {
  const { address, name, unread, profile } = customer;
  const shown = isOpen ? 0 : unread;
  const badge = shown ? h("span", { class: "badge" }, shown, h("span", { class: "hidden-label" }, " não lidas")) : null;
  const button = h(
    "button",
    { type: "button", class: "contact", "data-address": address, "aria-current": isOpen ? "true" : null, onclick: () => onOpen(address) },
    avatar(name),
    h("span", { class: "contact-name" }, name),
    h("span", { class: shown ? "when fresh" : "when" }, customer.last_side ? shortTime(customer.last_at) : ""),
    h("span", { class: "last" }, ...last(customer, isTyping)),
    h("span", { class: "marks" }, profile ? h("span", { class: "profile", "data-profile": profile }, profileName(profile)) : null, badge),
  );
  return h("li", {}, button);
}

function last({ last_side: side, last_kind: kind, last_text: text, last_tick: tick }, isTyping) {
  if (isTyping) return [h("span", { class: "is-typing" }, "loja digitando…")];
  if (!side) return ["Toque para conversar"];
  const mark = side === "customer" ? h("span", { class: `tick ${tick}` }, icon(tick === "read" ? "checks" : "check", 15)) : null;
  const words = side === "seller" ? `Loja: ${preview(kind, text, side)}` : preview(kind, text, side);
  return [mark, h("span", { class: "last-words" }, words.replace(/\s+/g, " "))];
}
