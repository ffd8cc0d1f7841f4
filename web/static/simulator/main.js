// Starts the page: keeps the list of customers and tells every part about the events it cares for.

import { createCustomer, listConversations, startOver } from "./api.js";
import { Chat } from "./chat.js";
import { Columns, isPhone } from "./columns.js";
import { iconButton } from "./dom.js";
import { buildDrawer } from "./drawer.js";
import { listen } from "./events.js";
import { drawList } from "./sidebar.js";
import { Status } from "./status.js";
import { confirmRestart, newCustomerDialog, welcomePanel } from "./welcome.js";

const TYPING_LASTS = 25_000;

const find = (id) => document.getElementById(id);
const storeName = document.body.dataset.store;
const presets = await (await fetch("/simulator/static/presets.json")).json();
const drawer = buildDrawer();
const typing = new Map();
let customers = [];

const columns = new Columns({
  area: find("chats"),
  build,
  welcome: () => welcomePanel(storeName, presets.customers, create),
  onChange: drawSidebar,
});
const status = new Status({
  banner: find("banner"),
  health: find("health"),
  onWorker: (alive) => columns.chats.forEach((chat) => chat.setWorker(alive)),
});
const newCustomer = newCustomerDialog(presets.customers, create);
document.body.append(newCustomer);
find("new").append(iconButton("plus", "Novo cliente", () => newCustomer.showModal()));

function build(address) {
  const customer = customers.find((one) => one.address === address);
  if (!customer) return null;
  const preset = presets.customers.find(({ name }) => name === customer.name) ?? presets.customers.at(-1);
  const close = () => {
    columns.close(address);
    find("customers").querySelector(`[data-address="${address}"]`)?.focus();
  };
  const chat = new Chat({
    customer,
    storeName,
    starters: preset.starters,
    followups: presets.followups,
    onBack: close,
    onClose: close,
    onRestart: restart,
    onWhy: drawer.open,
  });
  chat.setWorker(status.workerAlive);
  chat.element.addEventListener("focusin", () => columns.usedAt.set(address, performance.now()));
  return chat;
}

function drawSidebar() {
  const open = columns.addresses;
  drawList(find("customers"), customers, { open, typing, onOpen: (address) => columns.open(address) });
  const unread = customers.reduce((sum, one) => sum + (open.includes(one.address) ? 0 : one.unread), 0);
  document.title = `${unread ? `(${unread}) ` : ""}Simulador · ${storeName}`;
}

async function refreshList() {
  try {
    customers = await listConversations();
  } catch {
    return; // the banner tells; the line coming back reads anew
  }
  document.body.classList.toggle("no-customers", !customers.length);
  for (const customer of customers) columns.get(customer.address)?.update(customer);
  drawSidebar();
}

let soon = 0;
function refreshListSoon() {
  clearTimeout(soon);
  soon = setTimeout(refreshList, 60);
}

async function create(name) {
  try {
    const { address } = await createCustomer(name);
    await refreshList();
    columns.open(address);
  } catch (error) {
    status.say(`O cliente não foi criado. ${error.message}`);
  }
}

async function restart({ address, name }) {
  if (!(await confirmRestart(name))) return;
  try {
    await startOver(address);
    columns.get(address)?.clear();
  } catch (error) {
    status.say(`A conversa não foi apagada. ${error.message}`);
  }
}

function setTyping(address, isTyping) {
  clearTimeout(typing.get(address));
  typing.delete(address);
  if (isTyping) typing.set(address, setTimeout(() => setTyping(address, false), TYPING_LASTS));
  drawSidebar();
}

const REACTIONS = {
  resync: () => readEverything(),
  typing: ({ address }) => {
    setTyping(address, true);
    columns.get(address)?.showTyping();
  },
  reply: ({ address, outbox_id: outboxId }) => {
    setTyping(address, false);
    columns.get(address)?.refresh(outboxId);
    refreshListSoon();
    // The row is marked sent just after its announcement: the unread count needs a second look.
    setTimeout(refreshList, 900);
  },
  message: ({ address }) => {
    columns.get(address)?.refresh();
    refreshListSoon();
  },
  read: refreshListSoon,
  cleared: ({ address }) => {
    setTyping(address, false);
    columns.get(address)?.clear();
    refreshListSoon();
  },
};

async function readEverything() {
  await refreshList();
  for (const chat of columns.chats.values()) chat.refresh();
}

function onLine(isUp) {
  status.line(isUp);
  if (isUp) columns.chats.forEach((chat) => chat.flush());
}

await refreshList();
columns.arrange();
if (!columns.addresses.length && !isPhone() && customers.length) columns.open(customers[0].address);
listen({ onEvent: (name, happened) => REACTIONS[name](happened), onLine });
status.check();
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) readEverything();
});
