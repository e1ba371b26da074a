// A person with a browser that has cookies and no scripts: reads pages, fills forms, follows redirects within the provider.

import { createHmac } from "node:crypto";

export class Person {
  #cookies = new Map();

  constructor(origin, user) {
    this.origin = origin;
    this.user = user;
  }

  /** Opens an address and does what the pages ask until the browser is sent to `target`; returns that address. */
  async goTo(address, target) {
    let response = await this.#request(address);
    for (let step = 0; step < 20; step += 1) {
      // A page that only waits says where it goes on; nobody here waits for it.
      const waited = response.headers.get("refresh")?.match(/url=(.*)$/)?.[1];
      const location = response.headers.get("location") ?? waited;
      if (location) {
        const next = new URL(location, response.url);
        if (next.href.startsWith(target)) return next;
        if (next.origin !== this.origin) throw new Error(`sent to a foreign place: ${next.href}`);
        response = await this.#request(next);
        continue;
      }
      const html = await response.text();
      const form = this.#chooseForm(html);
      if (!form) return { status: response.status, html, href: response.url };
      response = await this.#request(new URL(form.action, response.url), form.fields);
    }
    throw new Error("twenty steps and no end");
  }

  #chooseForm(html) {
    const forms = [...html.matchAll(/<form\b[^>]*\baction="([^"]+)"[^>]*>([\s\S]*?)<\/form>/g)].map(([, action, body]) => ({
      action: unescape(action),
      fields: Object.fromEntries(
        [...body.matchAll(/<input\b[^>]*>/g)].map(([tag]) => [attribute(tag, "name"), unescape(attribute(tag, "value") ?? "")]),
      ),
    }));
    const fill = {
      "/signin/identifier": () => ({ username: this.user.userPrincipalName }),
      "/signin/password": () => ({ password: this.user.password }),
      "/signin/totp": () => ({ code: totp(this.user.totpSecret) }),
      "/signin/nudge/skip": () => ({}),
    };
    const order = ["/signin/totp", "/signin/password", "/signin/nudge/skip", "/signin/identifier"];
    for (const action of order) {
      const form = forms.find((each) => each.action === action);
      if (form) return { action, fields: { ...form.fields, ...fill[action]() } };
    }
    return forms.find((each) => each.action.endsWith("/logout/confirm"));
  }

  async #request(address, fields) {
    const headers = { cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ") };
    if (fields) headers.origin = this.origin;
    const response = await fetch(address, {
      method: fields ? "POST" : "GET",
      headers,
      body: fields && new URLSearchParams(fields),
      redirect: "manual",
    });
    for (const line of response.headers.getSetCookie()) {
      const [pair] = line.split(";");
      const at = pair.indexOf("=");
      if (/max-age=0/i.test(line)) this.#cookies.delete(pair.slice(0, at));
      else this.#cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return response;
  }
}

function attribute(tag, name) {
  return tag.match(new RegExp(`\\b${name}="([^"]*)"`))?.[1];
}

function unescape(text) {
  const known = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'", "#38": "&", "#60": "<", "#62": ">", "#34": '"' };
  return text.replace(/&(#?\w+);/g, (whole, name) => known[name] ?? whole);
}

/** RFC 6238 with SHA-1, 30 seconds, six digits. */
export function totp(base32) {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...base32.replace(/=+$/, "")].map((c) => alphabet.indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const mac = createHmac("sha1", key).update(counter).digest();
  const offset = mac[19] & 15;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}
