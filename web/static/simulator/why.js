// Explains one turn from its trace: whatever is there is shown, and what is missing is left out.

import { h, icon } from "./dom.js";
import { EFFECTS, ENTITIES, EVIDENCE, INTENTS, TOOLS, stepName } from "./labels.js";
import { pretty } from "./pretty.js";
import { duration, number, percent, profileName } from "./words.js";

/** The drawer's sections for a turn {profile, trace}. */
export function whySections({ profile, trace }) {
  const known = trace ?? {};
  const parts = [
    summary(known),
    who(known.understanding ?? {}, profile),
    path(known.path),
    tools(known.tools),
    meaning(known.understanding ?? {}),
    proof(known.proof),
    prompts(known.prompts),
  ].filter(Boolean);
  return parts.length ? parts : [h("p", { class: "why-empty" }, "Este turno não guardou explicação.")];
}

const section = (title, ...children) => h("section", { class: "why" }, h("h3", {}, title), ...children);
const figure = (label, value) => h("div", { class: "figure" }, h("b", {}, value), h("span", {}, label));
const present = (value) => value !== null && value !== undefined && value !== "" && !(Array.isArray(value) && !value.length);

function bar(value, label) {
  const filled = h("i");
  filled.style.width = `${Math.max(0, Math.min(1, value)) * 100}%`;
  return h("span", { class: "bar", role: "img", "aria-label": label }, filled);
}

function summary({ ms, model, messages, tools: used }) {
  const count = Array.isArray(messages) ? messages.length : messages;
  const tokens = (model?.input_tokens ?? 0) + (model?.output_tokens ?? 0);
  const figures = [
    present(ms) && figure("tempo total", duration(ms)),
    typeof count === "number" && figure(count === 1 ? "mensagem lida" : "mensagens lidas", number(count)),
    Array.isArray(used) && figure(used.length === 1 ? "ferramenta" : "ferramentas", number(used.length)),
    present(model?.calls) && figure(model.calls === 1 ? "chamada ao modelo" : "chamadas ao modelo", number(model.calls)),
    present(model?.input_tokens) && figure(tokens ? `tokens (${number(model.input_tokens)} lidos)` : "tokens", number(tokens)),
    present(model?.name) && figure("modelo", model.name === "offline" ? "offline" : model.name),
  ].filter(Boolean);
  return figures.length ? h("div", { class: "figures" }, ...figures) : null;
}

function who({ confidence, price_profile: priced, distribution, evidence }, profile) {
  if (!profile && !present(evidence)) return null;
  const head = h("p", { class: "who-line" }, h("span", { class: "profile", "data-profile": profile ?? "" }, profileName(profile)));
  if (present(confidence)) head.append(h("span", {}, `${percent(confidence)} de certeza`));
  const reasons = (evidence ?? []).map((reason) =>
    h(
      "li",
      {},
      h("p", {}, reason.words ?? ""),
      h("span", { class: `source ${reason.kind ?? ""}` }, EVIDENCE[reason.kind] ?? reason.kind ?? ""),
      h("span", { class: "points-to" }, `→ ${profileName(reason.profile)}`),
      present(reason.weight) ? bar(reason.weight, `peso ${percent(reason.weight)}`) : null,
    ),
  );
  const none = h("p", { class: "quiet" }, "Ainda não há indícios: vale o perfil de contato novo.");
  const rest = Object.entries(distribution ?? {}).sort(([, one], [, other]) => other - one);
  const shares = rest.map(([name, share]) => h("li", {}, h("span", {}, profileName(name)), bar(share, percent(share)), h("span", {}, percent(share))));
  const price = priced && `Para preço e desconto vale só o que foi dito: ${profileName(priced)}.`;
  return section(
    "Quem é o cliente",
    head,
    reasons.length ? h("ul", { class: "evidence" }, ...reasons) : none,
    shares.length > 1 ? h("ul", { class: "shares" }, ...shares) : null,
    price ? h("p", { class: "quiet" }, price) : null,
  );
}

function path(steps) {
  if (!present(steps)) return null;
  const chips = steps.map((step) => h("li", { class: step.startsWith("strategy_") ? "strategy" : "", title: step }, stepName(step)));
  return section("Caminho da conversa", h("ol", { class: "flow" }, ...chips));
}

function tools(calls) {
  if (!Array.isArray(calls)) return null;
  if (!calls.length) return section("Ferramentas usadas", h("p", { class: "quiet" }, "Nenhuma: a resposta não precisou de consulta."));
  return section("Ferramentas usadas", ...calls.map(tool));
}

function tool(call) {
  const failed = call.ok === false;
  const effect = EFFECTS[call.effect?.toLowerCase()] ?? call.effect;
  const facts = [failed && "falhou", effect, present(call.ms) && duration(call.ms)].filter(Boolean).join(" · ");
  const head = h(
    "summary",
    {},
    h("span", { class: failed ? "result-mark bad" : "result-mark" }, icon(failed ? "alert" : "check", 16)),
    h("span", { class: "tool-name" }, TOOLS[call.name] ?? call.name ?? "ferramenta", h("small", {}, h("code", {}, call.name ?? ""), ` · ${facts}`)),
  );
  return h("details", { class: "tool" }, head, h("h4", {}, "Pedido"), pretty(call.arguments ?? {}), h("h4", {}, "Resposta"), pretty(call.result ?? null));
}

function meaning({ intents, entities }) {
  const found = Object.entries(entities ?? {}).filter(([, value]) => present(value));
  if (!present(intents) && !found.length) return null;
  const wishes = (intents ?? []).map((intent) => h("li", {}, INTENTS[intent] ?? intent));
  return section("O que foi entendido", wishes.length ? h("ul", { class: "tags" }, ...wishes) : null, found.length ? pretty(Object.fromEntries(found.map(([name, value]) => [ENTITIES[name] ?? name, value]))) : null);
}

function proof(checked) {
  if (!checked) return null;
  const { figures = [], unproven = [], rewrites = 0 } = checked;
  const words = (value) => (typeof value === "string" ? value : (value?.text ?? value?.words ?? JSON.stringify(value)));
  const tags = [...figures.map((value) => h("li", { class: "good" }, words(value))), ...unproven.map((value) => h("li", { class: "bad" }, words(value)))];
  const verdict = unproven.length ? "Havia número sem prova, e ele não saiu." : tags.length ? "Todos os números vieram das ferramentas." : "A resposta não cita números.";
  const again = rewrites ? ` Resposta refeita ${rewrites === 1 ? "uma vez" : `${rewrites} vezes`}.` : "";
  return section("Conferência dos números", h("p", { class: "quiet" }, verdict + again), tags.length ? h("ul", { class: "tags" }, ...tags) : null);
}

function prompts(versions) {
  const rows = Object.entries(versions ?? {}).map(([file, version]) => h("li", {}, h("code", {}, file), h("code", {}, String(version))));
  return rows.length ? section("Textos usados (versão)", h("ul", { class: "prompts" }, ...rows)) : null;
}
