// Which chats are open, side by side; the address bar remembers them, so reload, back and a shared link all work.

const PHONE = 760;
const LIST = 340;
const COLUMN = 400;
const MOST = 3;

export const isPhone = () => innerWidth < PHONE;
const room = () => (isPhone() ? 1 : Math.max(1, Math.min(MOST, Math.floor((innerWidth - LIST) / COLUMN))));

export class Columns {
  /** build(address) makes a Chat or returns null for a stranger; welcome() fills the empty area; onChange() follows. */
  constructor({ area, build, welcome, onChange }) {
    Object.assign(this, { area, build, welcome, onChange });
    this.chats = new Map();
    this.usedAt = new Map();
    addEventListener("popstate", () => this.arrange());
    addEventListener("hashchange", () => this.arrange());
    addEventListener("resize", () => {
      clearTimeout(this.resized);
      this.resized = setTimeout(() => this.arrange(), 120);
    });
  }

  get addresses() {
    return [...this.chats.keys()];
  }

  get remembered() {
    return location.hash.slice(1).split(",").filter((address) => /^\d+$/.test(address));
  }

  get(address) {
    return this.chats.get(address);
  }

  open(address, { focus = true } = {}) {
    const shown = this.addresses;
    if (!this.chats.has(address)) {
      // The chat used longest ago gives way in its own place, so that the others do not jump.
      if (shown.length >= room()) shown.splice(shown.indexOf(this.leastUsed()), 1, address);
      else shown.push(address);
      this.remember(shown, { replace: !isPhone() });
    }
    this.usedAt.set(address, performance.now());
    // On a phone the keyboard would hide the conversation that was just opened.
    if (focus && !matchMedia("(pointer: coarse)").matches) this.get(address)?.composer.focus();
  }

  close(address) {
    if (isPhone() && history.state?.own) history.back();
    else this.remember(this.addresses.filter((other) => other !== address), { replace: true });
  }

  leastUsed() {
    const used = (address) => this.usedAt.get(address) ?? 0;
    return this.addresses.reduce((one, other) => (used(other) < used(one) ? other : one));
  }

  remember(addresses, { replace }) {
    const place = addresses.length ? `#${addresses.join(",")}` : location.pathname;
    history[replace ? "replaceState" : "pushState"]({ own: !replace }, "", place);
    this.arrange();
  }

  /** Make the open chats those of the address bar that are known and have room. */
  arrange() {
    const kept = new Map();
    for (const address of this.remembered.slice(-room())) {
      const chat = this.chats.get(address) ?? this.build(address);
      if (chat) kept.set(address, chat);
    }
    this.chats = kept;
    this.place([...kept.values()].map((chat) => chat.element));
    document.body.classList.toggle("chatting", kept.size > 0);
    this.onChange();
  }

  // A moved element loses its scroll position: those already in place stay untouched.
  place(elements) {
    const wanted = elements.length ? elements : [this.welcome()];
    for (const child of [...this.area.children]) if (!wanted.includes(child)) child.remove();
    wanted.forEach((element, index) => {
      if (this.area.children[index] !== element) this.area.insertBefore(element, this.area.children[index] ?? null);
    });
  }
}
