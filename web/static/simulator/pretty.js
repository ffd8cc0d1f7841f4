// Pretty-prints JSON into coloured text nodes.

import { h } from "./dom.js";

/** A <pre> with the value, keys and literals marked for colour. */
export function pretty(value) {
  return h("pre", { class: "json", tabindex: "0" }, ...paint(value, ""));
}

function paint(value, indent) {
  if (Array.isArray(value)) return block(value.map((item) => paint(item, `${indent}  `)), "[", "]", indent);
  if (value && typeof value === "object") {
    const fields = Object.entries(value).map(([key, item]) => [h("span", { class: "key" }, key), ": ", ...paint(item, `${indent}  `)]);
    return block(fields, "{", "}", indent);
  }
  if (typeof value === "string") return [h("span", { class: "text" }, `"${value}"`)];
  return [h("span", { class: "literal" }, String(value))];
}

function block(items, open, close, indent) {
  if (!items.length) return [open + close];
  const lines = items.flatMap((item, index) => [`${index ? "," : ""}\n${indent}  `, ...item]);
  return [open, ...lines, `\n${indent}${close}`];
}
