// Says things the Brazilian way: times, profiles, avatars, message previews and WhatsApp's own text marks.

import { h } from "./dom.js";

const ZONE = "America/Sao_Paulo";
const CLOCK = new Intl.DateTimeFormat("pt-BR", { timeZone: ZONE, hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat("pt-BR", { timeZone: ZONE, day: "numeric", month: "long", year: "numeric" });
const SHORT_DAY = new Intl.DateTimeFormat("pt-BR", { timeZone: ZONE, day: "2-digit", month: "2-digit" });
const NUMBER = new Intl.NumberFormat("pt-BR");
const PERCENT = new Intl.NumberFormat("pt-BR", { style: "percent", maximumFractionDigits: 0 });

export const PROFILES = {
  pastor: "Igreja e ministério",
  jovem: "Jovem",
  mae: "Família",
  fiel: "Membro da igreja",
  novo: "Novo contato",
};

export const KINDS = { image: "Foto", audio: "Mensagem de voz", sticker: "Figurinha", video: "Vídeo", document: "Documento" };

export const profileName = (profile) => PROFILES[profile] ?? profile ?? "";
export const clock = (at) => CLOCK.format(new Date(at));
export const number = (value) => NUMBER.format(value);
export const percent = (value) => PERCENT.format(value);

export function dayName(at) {
  const day = DAY.format(new Date(at));
  if (day === DAY.format(new Date())) return "Hoje";
  if (day === DAY.format(new Date(Date.now() - 86_400_000))) return "Ontem";
  return day;
}

export function shortTime(at) {
  const day = dayName(at);
  if (day === "Hoje") return clock(at);
  return day === "Ontem" ? day : SHORT_DAY.format(new Date(at));
}

export function duration(milliseconds) {
  if (milliseconds < 1000) return `${NUMBER.format(Math.round(milliseconds))} ms`;
  return `${NUMBER.format(Math.round(milliseconds / 100) / 10)} s`;
}

export function preview(kind, text, side) {
  if (side === "seller") return kind === "image" ? "QR Code" : text;
  return KINDS[kind] ? [KINDS[kind], text].filter(Boolean).join(": ") : text;
}

export function avatar(name) {
  const words = name.replace(/\(.*?\)/g, "").split(/\s+/).filter((word) => /^\p{L}/u.test(word));
  const initials = words.slice(0, 2).map((word) => word[0].toUpperCase()).join("") || "?";
  return h("span", { class: `avatar tint-${tint(name)}`, "aria-hidden": "true" }, initials);
}

const tint = (name) => [...name].reduce((sum, letter) => (sum * 4 + letter.codePointAt(0)) % 9973, 3) % 6;

const MARKS = [
  [/\*(?=\S)([^*\n]+?)(?<=\S)\*/, "strong"],
  [/(?<![\p{L}\d_])_(?=\S)([^_\n]+?)(?<=\S)_(?![\p{L}\d_])/u, "em"],
  [/~(?=\S)([^~\n]+?)(?<=\S)~/, "s"],
];
const LINK = /https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]]/;

/** Nodes for a message body: *bold*, _italic_, ~struck~ and links, as WhatsApp shows them. */
export function formatted(text) {
  const link = LINK.exec(text);
  if (link) {
    const anchor = h("a", { href: link[0], target: "_blank", rel: "noopener noreferrer" }, link[0]);
    return [...formatted(text.slice(0, link.index)), anchor, ...formatted(text.slice(link.index + link[0].length))];
  }
  for (const [pattern, tag] of MARKS) {
    const found = pattern.exec(text);
    if (found) {
      const inside = h(tag, {}, ...formatted(found[1]));
      return [...formatted(text.slice(0, found.index)), inside, ...formatted(text.slice(found.index + found[0].length))];
    }
  }
  // A price never breaks between its sign and its figure.
  return text ? [text.replace(/R\$ (?=\d)/g, "R$\u00a0")] : [];
}
