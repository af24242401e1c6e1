// Drive a report in headless Chromium: `node check.mjs CHECK PAGE [FOLDER]` prints what was found as JSON.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(new URL(process.env.SIGLUM_BROWSER_MODULES ? pathToFileURL(`${process.env.SIGLUM_BROWSER_MODULES}/x`) : import.meta.url));
const { chromium } = require("playwright-core");
const FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];
const [, , check, page, folder] = process.argv;
const address = pathToFileURL(page).href;
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: FLAGS });
const noise = [];

async function open(hash = "", options = {}, wait = true) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const tab = await context.newPage();
  tab.on("console", (m) => ["error", "warning"].includes(m.type()) && noise.push(m.text()));
  tab.on("pageerror", (e) => noise.push(String(e)));
  tab.on("dialog", (d) => { noise.push(`dialog: ${d.message()}`); d.dismiss(); });
  tab.on("request", (r) => { if (!r.url().startsWith("file:") && !r.url().startsWith("blob:")) noise.push(`request: ${r.url()}`); });
  await tab.goto(address + hash);
  if (wait && options.javaScriptEnabled !== false) await tab.waitForSelector("html[data-ready]", { timeout: 60000 });
  return tab;
}

const focused = (tab) => tab.evaluate(() => document.activeElement.dataset?.edit ?? document.activeElement.id ?? "");
const status = (tab) => tab.textContent("[role=status]");

const CHECKS = {
  async axe() {
    const source = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8"), found = {};
    for (const scheme of ["light", "dark"]) {
      const tab = await open("", { bypassCSP: true, colorScheme: scheme });
      await tab.evaluate(source);
      for (const hash of ["#overview", "#queue", "#documents", "#d2", "#d2e1", "#rules", "#account"]) {
        await tab.goto(address + hash);
        await tab.waitForTimeout(150);
        if (hash.includes("e1")) await tab.waitForSelector(".evidence");
        // What the bar at the top covers while the page scrolls is no fault.
        await tab.evaluate(() => window.scrollTo({ top: 0, behavior: "instant" }));
        const result = await tab.evaluate(() => window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
        found[`${scheme} ${hash}`] = result.violations.map((v) => [v.impact, v.id, v.nodes.length, v.nodes[0].html.slice(0, 200)]);
      }
    }
    return found;
  },

  async keyboard() {
    const tab = await open("#queue"), steps = {};
    const press = async (name, key) => { await tab.keyboard.press(key); await tab.waitForTimeout(120); steps[name] = [await focused(tab), new URL(tab.url()).hash]; };
    await press("j", "j");
    await press("j again", "j");
    await press("k", "k");
    await press("a", "a");
    steps.accepted = await tab.getAttribute(".card:focus button.accept", "aria-pressed");
    await press("r", "r");
    steps.rejected = await tab.getAttribute(".card:focus button.reject", "aria-pressed");
    await press("n", "n");
    steps.note = await tab.evaluate(() => document.activeElement.dataset.note);
    await press("escape", "Escape");
    await press("/", "/");
    await press("escape search", "Escape");
    await press("?", "?");
    steps.help = await tab.evaluate(() => document.getElementById("help").open);
    await press("close", "Escape");
    await press("j once more", "j");
    await press("enter", "Enter");
    await tab.waitForSelector(".evidence");
    await press("u", "u");
    await press("u again", "u");
    return steps;
  },

  async filter() {
    const tab = await open("#queue");
    await tab.waitForSelector("html[data-ready=all]");
    const all = await tab.locator("#queue-app .card").count();
    await tab.locator("#queue-app fieldset", { hasText: "Category" }).locator("label", { hasText: "navigation" }).click();
    const navigation = await tab.locator("#queue-app .card").count();
    await tab.getByText("Clear all filters").click();
    await tab.fill("#search", "Переведено");
    await tab.waitForTimeout(400);
    const texts = await tab.locator("#queue-app .card").allTextContents();
    await tab.goto(address + "#documents");
    await tab.waitForTimeout(300);
    const documents = await tab.locator("#documents-app .card").count();
    await tab.goto(address + "#d2");
    await tab.waitForSelector("#documents-app .line");
    const lines = await tab.evaluate(() => [...document.querySelectorAll("#documents-app .line bdi")].map((b) => [b.lang, b.dir, b.textContent]));
    const marks = await tab.locator("#documents-app mark").allTextContents();
    return { all, navigation, texts, documents, lines, marks };
  },

  async review() {
    const tab = await open("#queue", { acceptDownloads: true });
    await tab.locator("#queue-app button.reject").first().click();
    await tab.locator("#queue-app .choices input").first().fill("this stood in the article");
    await tab.locator("#queue-app button.accept").nth(1).click();
    await tab.click("#save");
    const nameless = await status(tab);
    await tab.fill("#reviewer", "Ada Archivist");
    const [download] = await Promise.all([tab.waitForEvent("download"), tab.click("#save")]);
    await download.saveAs(`${folder}/decisions.json`);
    // Another visitor loads the file, in a browser that knows nothing of the first.
    const other = await open("#queue");
    await other.setInputFiles("#load", `${folder}/decisions.json`);
    await other.waitForTimeout(400);
    return { nameless, saved: await status(tab), loaded: await status(other), pressed: await other.locator("#queue-app button[aria-pressed=true]").count() };
  },

  async print() {
    const tab = await open("#d2");
    await tab.emulateMedia({ media: "print" });
    const shown = await tab.evaluate(() => ["nav", "#review-bar", "#documents-app .line", "#documents-app del"].map((s) => getComputedStyle(document.querySelector(s)).display));
    const del = await tab.evaluate(() => getComputedStyle(document.querySelector("#documents-app del")).textDecorationLine);
    const chips = await tab.locator("#documents-app .chip").allTextContents();
    writeFileSync(`${folder}/report.pdf`, await tab.pdf());
    return { shown, del, chips };
  },

  async plain() {
    const tab = await open("", { javaScriptEnabled: false });
    const visible = await tab.evaluate(() => [...document.querySelectorAll("section")].filter((s) => !s.hidden).map((s) => s.id)).catch(() => null);
    return { visible: visible ?? (await tab.locator("section:visible").evaluateAll((all) => all.map((s) => s.id))), removals: await tab.locator("#queue .removal:visible").count() };
  },

  async walk() {
    const tab = await open("#queue");
    await tab.waitForTimeout(500);
    const places = await tab.evaluate(() => [...document.querySelectorAll("#queue-app .card")].slice(0, 20).map((card) => card.dataset.open));
    const sizes = [];
    for (const place of ["#documents", ...places, "#rules", "#account", "#overview"]) {
      const begun = Date.now();
      await tab.goto(address + place);
      await tab.waitForTimeout(80);
      await tab.evaluate(() => document.querySelectorAll(".chip[aria-expanded=false]").forEach((chip) => chip.click()));
      sizes.push([place, Date.now() - begun, await tab.evaluate(() => document.querySelectorAll("*").length)]);
    }
    return { sizes, scripts: await tab.evaluate(() => document.querySelectorAll("main script, main img, main iframe, [onerror], [onclick], main [style]").length) };
  },

  async cards() {
    const tab = await open("#queue");
    await tab.waitForSelector("html[data-ready=all]");
    const cards = await tab.locator("#queue-app .card").evaluateAll((all) => all.map((card) => ({ label: card.querySelector(".label").textContent,
      struck: card.querySelectorAll("del").length, together: card.querySelectorAll(".together").length, choices: card.querySelectorAll(".choices").length,
      gap: [...card.querySelectorAll(".line .quiet")].map((e) => e.textContent) })));
    await tab.goto(address + "#d1e1");
    await tab.waitForSelector(".evidence");
    const chips = await tab.locator("#documents-app .chip").allTextContents();
    return { cards, chips, evidence: await tab.locator(".evidence").first().textContent() };
  },

  // Pictures of the first screen and of a document, for the docs: FOLDER/overview.png, FOLDER/document.png, and more to look at.
  async shots() {
    const tab = await open("", { viewport: { width: 1180, height: 1000 } });
    const shoot = (name, fullPage = false) => tab.screenshot({ path: `${folder}/${name}.png`, fullPage });
    await tab.waitForTimeout(300);
    await shoot("overview");
    await shoot("overview-whole", true);
    await tab.setViewportSize({ width: 1180, height: 1130 });
    for (const [name, hash] of [["document", "#d2"], ["queue", "#queue"], ["account", "#account"]]) {
      await tab.goto(address + hash);
      await tab.waitForTimeout(500);
      await shoot(name);
    }
    return true;
  },

  async speed() {
    const begun = Date.now(), tab = await open("#queue", {}, false);
    await tab.waitForSelector("#queue-app .card .lines, #queue-app .card ol", { timeout: 60000 });
    const opened = Date.now() - begun;
    await tab.waitForSelector("html[data-ready=all]", { timeout: 60000 }).catch(() => null);
    const filters = await tab.evaluate(async () => {
      const times = [];
      for (const box of [...document.querySelectorAll("#facet-lists input")].slice(0, 12)) {
        const now = document.getElementById(box.id), begun = performance.now();
        now.click();
        times.push(performance.now() - begun);
        await new Promise((resolve) => setTimeout(resolve, 30));
        document.getElementById(box.id).click();
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
      return times;
    });
    return { opened, all: Date.now() - begun, filters, nodes: await tab.evaluate(() => document.querySelectorAll("*").length), count: await status(tab) };
  },
};

const result = await CHECKS[check]();
console.log(JSON.stringify({ result, noise }));
await browser.close();
