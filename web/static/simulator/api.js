// Talks to the simulator's JSON; a failure is either Refused (the server said no) or Unreachable (try again later).

const ROOT = "/simulator/api";
const PATIENCE = 15_000;

export class Refused extends Error {}
export class Unreachable extends Error {}

export const listConversations = () => request("GET", "/conversations");
export const listMessages = (address) => request("GET", `/conversations/${address}/messages`);
export const createCustomer = (name) => request("POST", "/customers", { name });
export const writeMessage = (address, message) => request("POST", `/conversations/${address}/messages`, message);
export const markRead = (address) => request("POST", `/conversations/${address}/read`);
export const startOver = (address) => request("DELETE", `/conversations/${address}`);
export const pictureAddress = (outboxId) => `${ROOT}/pictures/${outboxId}.png`;
export const payCode = (code) => request("POST", "/bank", { code });
export const findTurn = (turn) => request("GET", `/turns/${turn}`);

/** Whether a worker answers: true, false, or null when the server does not say. */
export async function isWorkerAlive() {
  try {
    const answer = await fetch("/health", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
    const state = (await answer.json())?.components?.worker?.state;
    return state === undefined ? null : state === "ok";
  } catch {
    return null;
  }
}

async function request(method, path, body) {
  const answer = await reach(path, {
    method,
    cache: "no-store",
    signal: AbortSignal.timeout(PATIENCE),
    ...(body && { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } }),
  });
  if (answer.ok) return answer.status === 204 ? null : answer.json();
  if (answer.status >= 500) throw new Unreachable(`O servidor respondeu ${answer.status}.`);
  throw new Refused(answer.status === 404 ? "Isto não existe mais." : "O servidor recusou o pedido.");
}

async function reach(path, options) {
  try {
    return await fetch(ROOT + path, options);
  } catch {
    throw new Unreachable("Sem conexão com o servidor.");
  }
}
