// @azure/msal-browser and oidc-client-ts as pages in Chromium against a running demonstration. usage: browser.js WORLD

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import puppeteer from "puppeteer-core";
import { totp } from "./person.js";

const world = JSON.parse(readFileSync(process.argv[2], "utf8"));
const user = world.users.find((each) => each.roles.includes("Global Administrator"));
const authority = `${world.origin}/${world.tenantId}`;
const clientId = world.publicClient.clientId;
const modules = new URL("./node_modules/", import.meta.url);
let failures = 0;

async function step(name, run) {
  try {
    await run();
    console.log(`ok      ${name}`);
  } catch (error) {
    failures += 1;
    console.log(`FAILED  ${name}: ${error.stack ?? error}`);
  }
}

function equal(found, wanted) {
  if (found !== wanted) throw new Error(`${found} is not ${wanted}`);
}

/** The page of an application at its redirect address; its script is one file of a package. */
function serve(address, library, silentLibrary) {
  const script = readFileSync(new URL(library, modules));
  const silentScript = silentLibrary && readFileSync(new URL(silentLibrary, modules));
  const server = createServer((request, response) => {
    const path = new URL(request.url, address).pathname;
    const javascript = { "/library.js": script, "/silent.js": silentScript }[path];
    if (javascript) return response.setHeader("content-type", "text/javascript").end(javascript);
    response.setHeader("content-type", "text/html").end(
      `<!doctype html><title>An application</title><body><script src="/library.js"></script></body>`,
    );
  });
  return new Promise((done) => server.listen(Number(new URL(address).port), "localhost", () => done(server)));
}

/** Does what the sign-in pages ask until the browser is back at `target`. */
async function signIn(page, target) {
  for (let round = 0; round < 12; round += 1) {
    await page.waitForFunction((target) => location.href.startsWith(target) || document.querySelector("form"), { timeout: 20_000 }, target);
    if (page.url().startsWith(target)) return;
    const before = page.url() + (await page.content());
    const fill = async (selector, text) => {
      await page.type(selector, text);
      await page.keyboard.press("Enter");
    };
    if (await page.$('form[action="/signin/totp"]')) await fill('form[action="/signin/totp"] input[name="code"]', totp(user.totpSecret));
    else if (await page.$('form[action="/signin/password"] input[name="password"]'))
      await fill('form[action="/signin/password"] input[name="password"]', user.password);
    else if (await page.$('form[action="/signin/nudge/skip"] button')) await page.click('form[action="/signin/nudge/skip"] button');
    else await fill("#username", user.userPrincipalName);
    await page.waitForFunction(
      (target, before) => location.href.startsWith(target) || location.href + document.documentElement.outerHTML !== before,
      { timeout: 20_000 },
      target,
      before,
    );
    await new Promise((done) => setTimeout(done, 700));
  }
  throw new Error(`still at ${page.url()}`);
}

const [msalAt, oidcAt] = world.publicClient.redirectUris;
const servers = [
  await serve(msalAt, "@azure/msal-browser/lib/msal-browser.min.js", "@azure/msal-browser/lib/redirect-bridge/msal-redirect-bridge.min.js"),
  await serve(oidcAt, "oidc-client-ts/dist/browser/oidc-client-ts.min.js"),
];
const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  acceptInsecureCerts: true,
  args: ["--no-sandbox", "--disable-dev-shm-usage"],
});

try {
  const page = await browser.newPage();
  const trouble = [];
  page.on("console", (message) => message.type() === "error" && trouble.push(message.text()));
  const msalConfig = { auth: { clientId, authority, redirectUri: msalAt, knownAuthorities: [new URL(world.origin).host] }, cache: { cacheLocation: "localStorage" } };
  const makeMsal = async (config) => {
    window.app = new window.msal.PublicClientApplication(config);
    await window.app.initialize();
    const result = await window.app.handleRedirectPromise();
    return result && { oid: result.idTokenClaims.oid, home: result.account.homeAccountId, token: result.accessToken, scopes: result.scopes };
  };
  let held;
  await step("msal-browser: a page signs somebody in, answer in the fragment, tokens by CORS", async () => {
    await page.goto(msalAt);
    equal(await page.evaluate(makeMsal, msalConfig), null);
    await page.evaluate(() => void window.app.loginRedirect({ scopes: ["User.Read"] }));
    await page.waitForFunction((origin) => location.href.startsWith(origin), {}, world.origin);
    await signIn(page, msalAt);
    held = await page.evaluate(makeMsal, msalConfig);
    equal(held.oid, user.id);
    equal(held.home, `${user.id}.${world.tenantId}`);
  });
  await step("msal-browser: the cache, then a refresh", async () => {
    const tokens = await page.evaluate(async () => {
      const account = window.app.getAllAccounts()[0];
      const cached = await window.app.acquireTokenSilent({ scopes: ["User.Read"], account });
      const renewed = await window.app.acquireTokenSilent({ scopes: ["User.Read"], account, forceRefresh: true });
      return [cached.accessToken, renewed.accessToken];
    });
    equal(tokens[0], held.token);
    if (tokens[1] === held.token) throw new Error("not renewed");
  });

  const oidcConfig = { authority: `${authority}/v2.0`, client_id: clientId, redirect_uri: oidcAt, scope: "openid profile email offline_access", loadUserInfo: true, automaticSilentRenew: false };
  const other = await browser.newPage();
  await step("oidc-client-ts: single sign-on in the same browser, then userinfo by CORS with its preflight", async () => {
    await other.goto(oidcAt);
    await other.evaluate((config) => {
      window.manager = new window.oidc.UserManager(config);
      void window.manager.signinRedirect();
    }, oidcConfig);
    await other.waitForFunction((at) => location.href.startsWith(`${at}?code=`), { timeout: 20_000 }, oidcAt);
    const profile = await other.evaluate(async (config) => {
      window.manager = new window.oidc.UserManager(config);
      return (await window.manager.signinRedirectCallback()).profile;
    }, oidcConfig);
    equal(profile.oid, user.id);
    equal(profile.preferred_username, user.userPrincipalName);
    equal(profile.name, user.displayName);
  });
  await step("oidc-client-ts: a refresh gives other tokens for the same person", async () => {
    const [before, after] = await other.evaluate(async () => {
      const before = await window.manager.getUser();
      const after = await window.manager.signinSilent();
      return [before, after].map((user) => ({ access: user.access_token, refresh: user.refresh_token, sub: user.profile.sub }));
    });
    equal(after.sub, before.sub);
    if (after.access === before.access || after.refresh === before.refresh) throw new Error("not renewed");
  });
  await step("oidc-client-ts: logout with a hint ends the session without a question", async () => {
    await other.evaluate((at) => void window.manager.signoutRedirect({ post_logout_redirect_uri: at, state: "bye" }), oidcAt);
    await other.waitForFunction((at) => location.href.startsWith(`${at}?state=`), { timeout: 20_000 }, oidcAt);
    await other.goto(`${world.origin}/security-info`);
    if (!other.url().startsWith(`${world.origin}/signin`)) throw new Error(`still signed in: ${other.url()}`);
  });
  await step("msal-browser: with the session its tokens ended", async () => {
    const refused = await page.evaluate(async () => {
      const account = window.app.getAllAccounts()[0];
      return window.app.acquireTokenSilent({ scopes: ["User.Read"], account, forceRefresh: true, cacheLookupPolicy: 3 }).then(
        () => "nothing was refused",
        (error) => error.errorCode,
      );
    });
    equal(refused, "invalid_grant");
  });
  await step("the pages had no trouble with the browser's rules", async () => {
    // A refused refresh is an error of the network to the console.
    const real = trouble.filter((text) => !text.includes("status of 400") && !text.includes("favicon"));
    equal(real.join("\n"), "");
  });
} finally {
  await browser.close();
  for (const server of servers) server.close();
}
process.exit(failures === 0 ? 0 : 1);
