// Signs in with a passkey in Chromium, whose virtual authenticator is handed a key that was made elsewhere.

import { X509Certificate, createHash } from "node:crypto";
import { connect } from "node:tls";
import puppeteer from "puppeteer-core";

/** Opens `address`, signs in with `key`, and answers once the browser is there. */
export async function signIn(origin, address, key, userHandle) {
  const browser = await puppeteer.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    // WebAuthn refuses pages whose certificate is not trusted, so the one of the demonstration is pinned.
    args: ["--no-sandbox", "--disable-dev-shm-usage", `--ignore-certificate-errors-spki-list=${await pin(origin)}`],
  });
  try {
    const page = await browser.newPage();
    const devtools = await page.createCDPSession();
    await devtools.send("WebAuthn.enable", { enableUI: false });
    const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        protocol: "ctap2",
        transport: "internal",
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        // A finger is on it all the time: a request that is pending when one is laid on it would not notice.
        automaticPresenceSimulation: true,
      },
    });
    await devtools.send("WebAuthn.addCredential", { authenticatorId, credential: key.forChromium(userHandle) });
    await page.goto(address);
    const path = new URL(address).pathname;
    // Autofill may have been quicker than the button, which then is gone with its page.
    await page.waitForSelector("[data-passkey-button]", { visible: true, timeout: 60_000 }).then((button) => button.click()).catch(() => undefined);
    await page.waitForFunction((path) => location.pathname === path, { timeout: 60_000 }, path);
    return await page.content();
  } finally {
    await browser.close();
  }
}

/** The hash of the public key that the server shows. */
function pin(origin) {
  const { hostname, port } = new URL(origin);
  return new Promise((done, failed) => {
    const socket = connect({ host: hostname, port: Number(port), servername: hostname }, () => {
      const { publicKey } = new X509Certificate(socket.getPeerCertificate().raw);
      socket.end();
      done(createHash("sha256").update(publicKey.export({ format: "der", type: "spki" })).digest("base64"));
    });
    socket.on("error", failed);
  });
}
