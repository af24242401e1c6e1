"use strict";
// The page's data is read from packed islands, or from files beside the page; page text reaches the document as text only.
(() => {
  const SHOWN_AT_ONCE = 50, LINES_AT_ONCE = 400, KEPT_PARTS = 24;
  const RISKS = ["wants a look", "low risk", "no risk seen"], RISK_NAMES = ["review", "low", "none"];
  const VERDICTS = ["undecided", "accepted", "rejected"];
  const METHODS = { "machine": "machine translation", "machine-postedited": "machine translation, post-edited", "human": "human translation",
    "translated": "translation, by whom is not stated", "unknown": "nothing stated" };
  // What a reader could not see, or a browser would obey. One class: what it matches is told by its number.
  const UNSEEN = /[\u{0}-\u{8}\u{b}-\u{1f}\u{7f}-\u{9f}\u{ad}\u{34f}\u{61c}\u{115f}\u{1160}\u{17b4}\u{17b5}\u{180b}-\u{180f}\u{200b}-\u{200f}\u{2028}-\u{202e}\u{2060}-\u{206f}\u{3164}\u{fdd0}-\u{fdef}\u{feff}\u{ffa0}\u{fff9}-\u{fffb}\u{fffe}\u{ffff}\u{d800}-\u{dfff}\u{e0000}-\u{e0fff}]/gu;
  const MARKS = /([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{8})[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+/g;
  const LONGEST_LINE = 20000;

  const byId = (id) => document.getElementById(id);

  // Make an element; what is a string becomes text, never markup.
  function h(name, attributes, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
      else if (value === true) element.setAttribute(key, "");
      else if (value !== false && value !== null && value !== undefined) element.setAttribute(key, value);
    }
    for (const child of children.flat(Infinity)) {
      if (child instanceof Node) element.append(child);
      else if (child !== null && child !== undefined && child !== "") say(element, String(child));
    }
    return element;
  }

  // Append text to an element, with a token for each character that would not be seen.
  function say(element, text) {
    if (text.length > LONGEST_LINE) {
      say(element, text.slice(0, LONGEST_LINE / 2));
      element.append(token(`⟨${(text.length - LONGEST_LINE).toLocaleString("en")} characters more⟩`));
      text = text.slice(-LONGEST_LINE / 2);
    }
    let done = 0;
    text = text.replace(MARKS, "$1⟨…⟩");
    for (const match of text.matchAll(UNSEEN)) {
      element.append(text.slice(done, match.index), token(`⟨U+${match[0].codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`));
      done = match.index + match[0].length;
    }
    element.append(text.slice(done));
  }

  const token = (text) => {
    const element = document.createElement("span");
    element.className = "token";
    element.textContent = text;
    return element;
  };

  const number = (n) => n.toLocaleString("en");
  const counted = (n, what) => `${number(n)} ${what}${n === 1 ? "" : "s"}`;
  const langOf = (tag) => (tag && tag !== "und" && /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/.test(tag) ? tag : "");

  // -- Data ----------------------------------------------------------------------------------------------------------

  const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%[()*+-;,=.?@^_]{|}~";
  const VALUES = new Uint8Array(128);
  for (let n = 0; n < DIGITS.length; n++) VALUES[DIGITS.charCodeAt(n)] = n;

  // Base 85: five digits for four bytes; a last group of n digits holds n - 1 bytes.
  function bytesOf(packed) {
    const size = packed.length - Math.ceil(packed.length / 5), bytes = new Uint8Array(Math.ceil(packed.length / 5) * 4);
    for (let i = 0, at = 0; i < packed.length; i += 5, at += 4) {
      let n = 0;
      for (let k = i; k < i + 5; k++) n = n * 85 + (k < packed.length ? VALUES[packed.charCodeAt(k)] : 84);
      bytes[at] = n >>> 24;
      bytes[at + 1] = n >>> 16;
      bytes[at + 2] = n >>> 8;
      bytes[at + 3] = n;
    }
    return bytes.subarray(0, size);
  }

  const unpack = (packed) => new Response(new Blob([bytesOf(packed)]).stream().pipeThrough(new DecompressionStream("gzip"))).json();

  let M, C, count, editStart, editDoc, editKind, order, verdict;
  const parts = new Map(), ready = new Map(), waiting = new Map();
  const notes = new Map();

  window.siglumPart = (n, packed) => waiting.get(n)?.(packed);

  function loadPart(n) {
    if (!parts.has(n)) {
      if (M.beside && parts.size >= KEPT_PARTS) {
        const oldest = parts.keys().next().value;
        parts.delete(oldest);
        ready.delete(oldest);
      }
      const packed = M.beside
        ? new Promise((resolve, reject) => {
            waiting.set(n, resolve);
            const script = h("script", { src: `${encodeURIComponent(M.beside)}/${String(n).padStart(5, "0")}.js` });
            script.onload = () => script.remove();
            script.onerror = () => reject(new Error(`${M.beside}/${String(n).padStart(5, "0")}.js is missing`));
            document.head.append(script);
          })
        : Promise.resolve(byId(`data-${n}`).textContent);
      parts.set(n, packed.then(unpack).then(rows).then((data) => (ready.set(n, data), data)));
    }
    return parts.get(n);
  }

  // Like stands beside like in the packed data; here each document gets its own.
  function rows(columns) {
    return columns.r.map((_, n) => {
      const told = {};
      for (const name in columns) if (columns[name][n]) told[name] = columns[name][n];
      told.w = told.w.map(([first, start, runs], k) => [first, start, told.t[k], runs]);
      return told;
    });
  }

  const payload = async (doc) => (await loadPart(Math.floor(doc / M.part)))[doc % M.part];
  const payloadNow = (doc) => ready.get(Math.floor(doc / M.part))?.[doc % M.part];

  function begin() {
    C = M.columns;
    count = (C.id || (C.id = [])).length;
    editStart = new Uint32Array(count + 1);
    for (let d = 0; d < count; d++) editStart[d + 1] = editStart[d] + C.count[d];
    editDoc = new Uint32Array(M.edits.length);
    for (let d = 0; d < count; d++) editDoc.fill(d, editStart[d], editStart[d + 1]);
    editKind = Uint32Array.from(M.edits);
    verdict = new Uint8Array(M.edits.length);
    order = riskOrder();
  }

  // The edits from the least sure to the surest, those of one confidence as they stand: one pass, since kinds are few.
  function riskOrder() {
    const rank = M.kinds.map((kind, n) => [kind[3], kind[2], n]).sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]);
    const buckets = M.kinds.map(() => 0);
    for (const kind of editKind) buckets[kind]++;
    const at = [];
    let next = 0;
    for (const [, , n] of rank) { at[n] = next; next += buckets[n]; }
    const sorted = new Uint32Array(editKind.length);
    for (let e = 0; e < editKind.length; e++) sorted[at[editKind[e]]++] = e;
    return sorted;
  }

  // -- Filters -------------------------------------------------------------------------------------------------------

  // Facets of edits look at an edit's kind; those of documents at a column of numbers into a table of words.
  const kindFacet = (id, title, place, names) => ({ id, title, ofKind: (kind) => [kind[place]].flat(), names });
  const documentFacet = (id, title, words) => ({ id, title, column: id, words });
  const FACETS = [
    kindFacet("risk", "Risk", 3, () => RISKS),
    kindFacet("category", "Category", 1, () => M.tables.category),
    { id: "verdict", title: "Your decision", names: () => VERDICTS },
    kindFacet("rule", "Rule", 0, () => M.rules.map((rule) => shortOf(rule.ref))),
    { id: "op", title: "What was done", ofKind: (kind) => [OPS.indexOf(kind[5])], names: () => ["taken", "replaced", "added"] },
    { id: "state", title: "State in the run", ofKind: (kind) => [STATES.indexOf(kind[4])], names: () => STATES },
    documentFacet("language", "Language"),
    documentFacet("translation", "Translation", (word) => METHODS[word] || word),
    documentFacet("engine", "Engine", (word) => word || "none named"),
    documentFacet("basis", "How the source language is known"),
    documentFacet("site", "Site"),
  ];
  // A rule is known by the end of its name, unless two end alike.
  let ends = null;
  function shortOf(ref) {
    const whole = ref.replace(/@[^@]*$/, ""), end = whole.slice(whole.lastIndexOf("/") + 1);
    if (!ends) {
      ends = new Map();
      for (const rule of M.rules) {
        const other = rule.ref.replace(/@[^@]*$/, "").split("/").at(-1);
        ends.set(other, (ends.get(other) || 0) + 1);
      }
    }
    return ends.get(end) > 1 ? whole : end;
  }
  const OPS = ["delete", "replace", "insert"];
  const STATES = ["applied", "rejected", "proposed", "restored"];
  const chosen = new Map(FACETS.map((facet) => [facet.id, new Set()]));
  const namesOf = (facet) => (facet.column ? M.tables[facet.column].map(facet.words || ((w) => w)) : facet.names());
  let query = "", least = 0, sorting = "risk";
  let textOk = null, editTextOk = null, searched = 0;
  let found = { edits: [], docs: [], counts: new Map() };

  function search() {
    const wanted = query.trim().toLowerCase();
    textOk = editTextOk = null;
    if (!wanted) return;
    textOk = new Uint8Array(count);
    editTextOk = new Uint8Array(editKind.length);
    searched = 0;
    const kindOk = M.kinds.map((kind) => kind[0].some((r) => M.rules[r].ref.toLowerCase().includes(wanted)) || M.tables.category[kind[1]].includes(wanted));
    for (let d = 0; d < count; d++) {
      const named = C.id[d].toLowerCase().includes(wanted) || C.url[d].toLowerCase().includes(wanted) || M.tables.engine[C.engine[d]].toLowerCase() === wanted || C.tag[d].toLowerCase() === wanted;
      const told = payloadNow(d);
      if (told) searched++;
      const inText = told && lowered(told).some((text) => text.includes(wanted));
      if (named || inText) textOk[d] = 1;
      for (let e = editStart[d]; e < editStart[d + 1]; e++) {
        if (named || kindOk[editKind[e]] || (inText && taken(told, e - editStart[d]).toLowerCase().includes(wanted))) editTextOk[e] = textOk[d] = 1;
      }
    }
  }

  const lowered = (told) => told.lower || (told.lower = [...told.w.map((w) => w[2].toLowerCase()), ...(told.p?.evidence || []).map((e) => (e.quote || "").toLowerCase())]);

  // The text an edit took, as far as the page has it.
  function taken(told, n) {
    const edit = told.e[n];
    if (told.x) return edit[2] || "";
    return told.w.map(([, start, text]) => {
      const unit = unitsOf(text);
      return text.slice(unit(edit[0] - start), unit(edit[1] - start));
    }).join("");
  }

  function filter() {
    const kindFacets = FACETS.filter((f) => f.ofKind), docFacets = FACETS.filter((f) => f.column);
    const bit = new Map(FACETS.map((f, n) => [f.id, 1 << n]));
    const misses = (facet, values) => chosen.get(facet.id).size && !values.some((v) => chosen.get(facet.id).has(v));
    const kindFail = M.kinds.map((kind) => kindFacets.reduce((mask, f) => mask | (misses(f, f.ofKind(kind)) ? bit.get(f.id) : 0), 0));
    const tests = docFacets.filter((f) => chosen.get(f.id).size).map((f) => [C[f.column], chosen.get(f.id), bit.get(f.id)]);
    const docFail = new Uint32Array(count), docPlain = new Uint8Array(count);
    for (let d = 0; d < count; d++) {
      for (const [column, values, mask] of tests) if (!values.has(column[d])) docFail[d] |= mask;
      docPlain[d] = least <= 0 || 100 * C.taken[d] >= least * Math.max(1, C.size[d]) ? 1 : 0;
    }
    const verdicts = chosen.get("verdict"), verdictBit = bit.get("verdict");
    const byKind = new Uint32Array(M.kinds.length), byVerdict = [0, 0, 0], hit = new Uint8Array(count), edits = [];
    for (let n = 0; n < order.length; n++) {
      const e = order[n], d = editDoc[e];
      if (docFail[d] && (docFail[d] & (docFail[d] - 1))) continue;
      if (!docPlain[d] || (editTextOk && !editTextOk[e])) continue;
      const fail = kindFail[editKind[e]] | (verdicts.size && !verdicts.has(verdict[e]) ? verdictBit : 0);
      if (!fail) hit[d] = 1;
      if (docFail[d]) continue;
      if (!(fail & ~verdictBit)) byVerdict[verdict[e]]++;
      if (!(fail & verdictBit)) byKind[editKind[e]]++;
      if (!fail) edits.push(e);
    }
    const ofEdits = [...kindFacets, { id: "verdict" }].some((f) => chosen.get(f.id).size);
    const counts = new Map(FACETS.map((f) => [f.id, new Map()]));
    const add = (id, value, n) => counts.get(id).set(value, (counts.get(id).get(value) || 0) + n);
    M.kinds.forEach((kind, n) => kindFacets.forEach((f) => {
      if (byKind[n] && !(kindFail[n] & ~bit.get(f.id))) f.ofKind(kind).forEach((v) => add(f.id, v, byKind[n]));
    }));
    byVerdict.forEach((n, v) => n && add("verdict", v, n));
    const docs = [];
    for (let d = 0; d < count; d++) {
      if (!docPlain[d] || (textOk && !textOk[d]) || (ofEdits && !hit[d])) continue;
      for (const f of docFacets) if (!(docFail[d] & ~bit.get(f.id))) add(f.id, C[f.column][d], 1);
      if (!docFail[d]) docs.push(d);
    }
    found = { edits, docs: sorted(docs), counts };
  }

  const share = (d) => C.taken[d] / Math.max(1, C.size[d]);
  const SORTS = {
    risk: ["risk, then share taken", (a, b) => C.risk[a] - C.risk[b] || share(b) - share(a) || a - b],
    share: ["share taken", (a, b) => share(b) - share(a) || a - b],
    size: ["length", (a, b) => C.size[b] - C.size[a] || a - b],
    run: ["order of the run", (a, b) => a - b],
  };
  const sorted = (docs) => docs.sort(SORTS[sorting][1]);

  // -- Text ----------------------------------------------------------------------------------------------------------

  // Offsets of the account count code points, those of a script UTF-16 units.
  function unitsOf(text) {
    const clamp = (n, most) => Math.max(0, Math.min(n, most));
    if (!/[\u{10000}-\u{10ffff}]/u.test(text)) return (n) => clamp(n, text.length);
    const at = new Uint32Array(text.length + 1);
    let n = 0, unit = 0;
    for (const c of text) { at[n++] = unit; unit += c.length; }
    at[n] = unit;
    return (point) => at[clamp(point, n)];
  }

  // Cards of one document often stand together: the lines last asked for are kept.
  const lastLines = { told: null, lines: null };
  function linesOf(doc, told) {
    if (lastLines.told !== told) Object.assign(lastLines, { told, lines: splitLines(doc, told) });
    return lastLines.lines;
  }

  // The lines of a document as the page has them: number, language, and the pieces each is made of.
  function splitLines(doc, told) {
    const lines = [];
    const quotes = told.x ? [] : (told.p?.evidence || []).concat(told.p?.counter_evidence || [], told.p?.counter || []).filter((q) => (q.place || "text") === "text" && q.end > q.start);
    told.w.forEach(([first, start, text, runs], w) => {
      if (w) lines.push({ gap: true });
      const unit = unitsOf(text);
      const spans = told.e.map((e, n) => ({ n, a: unit((e[5] || e)[0] - start), b: unit((e[5] || e)[1] - start), from: (e[5] || e)[0], to: (e[5] || e)[1] }))
        .filter((s) => s.to >= start && (s.b > s.a || (s.from === s.to && s.from - start >= 0 && (s.a < text.length || w === told.w.length - 1 && s.from - start <= text.length))));
      const marks = quotes.map((q) => ({ a: unit(q.start - start), b: unit(q.end - start) })).filter((q) => q.b > q.a).sort((x, y) => x.a - y.a);
      const found = told.x ? [] : (told.f || []).map((f, n) => ({ n, a: unit(f[0] - start), b: unit(f[1] - start), f }))
        .filter((f) => f.b > f.a && !spans.some((s) => s.a < f.b && f.a < s.b)).sort((x, y) => x.a - y.a);
      const languages = [];
      for (let r = 0; r < runs.length; r += 3) for (let k = 0; k < runs[r]; k++) languages.push([runs[r + 1], runs[r + 2]]);
      let at = 0, n = 0, next = 0, nextFound = 0;
      const breaks = /\r\n?|\n/g;
      while (at < text.length || (at === 0 && text === "")) {
        breaks.lastIndex = at;
        const match = breaks.exec(text);
        const end = match ? match.index : text.length, stop = match ? breaks.lastIndex : text.length;
        const here = [];
        while (next < spans.length && spans[next].b <= at && spans[next].b > spans[next].a) next++;
        for (let s = next; s < spans.length && spans[s].a < Math.max(stop, at + 1); s++) {
          if (spans[s].b > at || (spans[s].a === spans[s].b && spans[s].a >= at)) here.push(spans[s]);
        }
        const last = stop === text.length && w === told.w.length - 1;
        if (last) for (const s of spans) if (s.a === s.b && s.a === text.length && !here.includes(s)) here.push(s);
        const [language, sure] = languages[n] || [-1, 0];
        const seen = [];
        while (nextFound < found.length && found[nextFound].a < Math.max(stop, at + 1)) seen.push(found[nextFound++]);
        lines.push({ doc, number: first + n, text, at, end, stop, edits: here, marks, language, sure, found: seen });
        n++;
        at = stop;
        if (text === "") break;
      }
    });
    return lines;
  }

  const BLANKS = { " ": "·", "\t": "→", "\u00a0": "⍽", "\n": "↵", "\r": "" };
  const drawn = (text) => (/\S/.test(text) ? text.replace(/[\r\n]+$/, "") : text.replace(/[ \t\u00a0\r\n]/g, (c) => BLANKS[c]));

  function marked(line, from, to, plain) {
    const nodes = [];
    let at = from;
    // A line break taken by itself gets a sign; one behind text that is shown does not, wherever a mark ends.
    const shown = /\S/.test(line.text.slice(from, to));
    const put = (a, b, name) => {
      if (b <= a || (shown && a >= line.end)) return;
      const text = plain ? line.text.slice(a, b) : drawn(line.text.slice(a, b));
      nodes.push(name ? h(name, { title: "quoted as evidence" }, text) : h("span", {}, text));
    };
    for (const q of line.marks) {
      if (q.b <= at || q.a >= to) continue;
      put(at, Math.max(at, q.a));
      put(Math.max(at, q.a), Math.min(to, q.b), "mark");
      at = Math.min(to, q.b);
    }
    put(at, to);
    return nodes;
  }

  // With options.only the line stands in the card of that edit: others recede, and there are no chips.
  function lineElement(line, told, options) {
    if (line.gap) return h("li", { class: "line" }, h("span"), h("span"), h("span", { class: "quiet" }, `⋯ ${line.gap === true ? "left out of this page; the run has the whole text" : line.gap} ⋯`));
    const tag = line.language < 0 ? "" : M.marks[line.language];
    const body = h("bdi", { dir: "auto", lang: line.language < 0 ? null : langOf(tag) });
    let at = line.at;
    const after = [];
    for (const { n, a, b } of line.edits) {
      const from = Math.max(a, line.at), to = Math.min(b, line.stop);
      if (from > at) body.append(...marked(line, at, Math.min(from, line.end), true));
      const e = editStart[line.doc] + n, state = M.kinds[editKind[e]][4], edit = told.e[n];
      const shade = options?.only !== undefined && options.only !== n ? "other" : null;
      if (told.x) body.append(h("del", {}, `⟨${number(edit[1] - edit[0])} code points withheld⟩`));
      else if (to > from) body.append(h(state === "applied" ? "del" : "span", { class: state === "applied" ? shade : "restored" }, marked(line, from, to)));
      if (edit[2] && state === "applied" && a >= line.at) body.append(h("ins", {}, drawn(edit[2])));
      if (a >= line.at && !options) after.push(chip(line.doc, n, told));
      at = Math.max(at, to);
    }
    if (at < line.end) body.append(...marked(line, at, line.end, true));
    for (const f of line.found) after.push(markChip(line.doc, f));
    const sure = tag ? `${tag}, ${line.sure} % sure` : "";
    const text = h("span", { class: "text" }, body, after);
    const together = line.edits.some((s) => (options?.only === undefined || options.only === s.n) && s.b > s.a && told.e[s.n][6]);
    const item = h("li", { class: together ? "line together" : "line" },
      h("span", { class: "at" }, number(line.number)),
      h("span", { class: line.sure && line.sure < 60 ? "tongue unsure" : "tongue", title: sure || null }, tag || " "),
      text);
    return item;
  }

  const editOf = (doc, n) => editStart[doc] + n;
  const word = (kind) => (kind[4] !== "applied" ? (kind[4] === "rejected" ? "put back" : kind[4]) : kind[5] === "delete" ? "taken" : kind[5] === "insert" ? "added" : "replaced");
  // An edit of several lines says so: its lines have one label, and one decision.
  const linesTold = (edit) => (edit?.[6] ? `, ${counted(edit[6], "line")}` : "");
  const chipText = (e, edit = payloadNow(editDoc[e])?.e[e - editStart[editDoc[e]]]) => {
    const kind = M.kinds[editKind[e]];
    return `${word(kind)}: ${M.tables.category[kind[1]]}${linesTold(edit)}${verdict[e] ? ` (${VERDICTS[verdict[e]]})` : ""}`;
  };

  function chip(doc, n, told) {
    const e = editOf(doc, n), kind = M.kinds[editKind[e]];
    const slight = M.tables.category[kind[1]] === "layout" && kind[5] === "delete" ? " slight" : "";
    const button = h("button", { type: "button", class: `chip stop${slight}${kind[5] === "delete" ? "" : " put"}${kind[4] === "rejected" || verdict[e] === 2 ? " rejected" : ""}`,
      id: `d${doc + 1}e${n + 1}`, "data-edit": e, "aria-expanded": "false" }, chipText(e, told.e[n]));
    button.addEventListener("click", () => toggle(button, () => evidence(doc, n, told)));
    return button;
  }

  function markChip(doc, { f, n }) {
    const button = h("button", { type: "button", class: "chip mark", "aria-expanded": "false" }, `marked: ${f[3]}`);
    button.addEventListener("click", () => toggle(button, () => finding(f)));
    return button;
  }

  function toggle(button, make) {
    const line = button.closest(".line"), open = button.getAttribute("aria-expanded") === "true";
    button.setAttribute("aria-expanded", String(!open));
    if (open) { button.panel?.remove(); return; }
    button.panel = make();
    line.append(button.panel);
  }

  const pairs = (rows) => h("dl", {}, rows.filter(([, value]) => value !== "" && value !== null && value !== undefined).map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));

  function ruleLink(r) {
    return h("a", { href: `#rule-${r}` }, M.rules[r].ref);
  }

  // The reasons of an edit's rules; where a rule tells its reason place by place, the edit's own.
  function whyOf(kind, edit) {
    const whys = kind[0].filter((r) => !edit[3] || !M.rules[r].varies).map((r) => M.rules[r].why);
    return [...new Set([...whys, edit[3]])].filter(Boolean).join(" · ");
  }

  function evidence(doc, n, told) {
    const e = editOf(doc, n), kind = M.kinds[editKind[e]], edit = told.e[n];
    const quotes = (edit[4] || []).map((f) => finding(told.f[f], true));
    return h("div", { class: "evidence" },
      pairs([
        [word(kind), h("span", {}, `${counted(edit[1] - edit[0], "code point")}${linesTold(edit)}, from ${number(edit[0])} of the source`)],
        ["put there", edit[2] ? h("ins", { dir: "auto" }, drawn(edit[2])) : ""],
        ["why", whyOf(kind, edit)],
        ["by rule", h("span", {}, kind[0].map((r, i) => [i ? ", " : "", ruleLink(r)]))],
        ["confidence", `${kind[2]} (${RISKS[kind[3]]})`],
        ["packs", M.packs.join("; ")],
        ["link", h("a", { href: `#d${doc + 1}e${n + 1}` }, `#d${doc + 1}e${n + 1}`)],
      ]), quotes, choices(e));
  }

  function finding(f, inside) {
    const claims = Object.entries(f[8] || {}).map(([key, value]) => `${key.replace(/_/g, " ")}: ${value}`).join(", ");
    return h("div", { class: inside ? "" : "evidence" }, pairs([
      [inside ? "evidence" : "marked", f[7] || M.rules[f[2]].why],
      ["quote", f[5] ? h("q", { dir: "auto" }, f[5]) : ""],
      ["place", f[6]],
      ["says", claims],
      ["by rule", h("span", {}, ruleLink(f[2]))],
      ["confidence", String(f[4])],
    ]));
  }

  // -- Review --------------------------------------------------------------------------------------------------------

  let unsaved = 0;
  const storageKey = () => `siglum-review:${M.manifest}`;

  function choices(e) {
    const name = `edit ${e - editStart[editDoc[e]] + 1} of ${C.id[editDoc[e]]}`;
    const button = (value, text) => h("button", { type: "button", class: value === 1 ? "accept" : "reject", "data-choice": e, "data-value": value,
      "aria-pressed": String(verdict[e] === value), "aria-label": `${text}: ${name}`, onclick: () => decide(e, verdict[e] === value ? 0 : value) }, text);
    const note = h("input", { type: "text", "data-note": e, placeholder: "Note", "aria-label": `Note on ${name}`, value: notes.get(e) || "" });
    note.addEventListener("change", () => { note.value ? notes.set(e, note.value) : notes.delete(e); changed(); });
    return h("div", { class: "choices" }, button(1, "Accept"), button(2, "Reject"), note);
  }

  const moments = new Map();

  function decide(e, value) {
    verdict[e] = value;
    if (value) moments.set(e, new Date().toISOString().slice(0, 19) + "Z");
    else moments.delete(e);
    for (const button of document.querySelectorAll(`[data-choice="${e}"]`)) button.setAttribute("aria-pressed", String(verdict[e] === Number(button.dataset.value)));
    for (const element of document.querySelectorAll(`[data-edit="${e}"]`)) {
      if (element.matches(".chip")) { element.textContent = ""; say(element, chipText(e)); element.classList.toggle("rejected", value === 2); }
      else element.classList.toggle("decided", value > 0);
    }
    changed();
    tell(`${VERDICTS[value]}`);
  }

  function changed() {
    unsaved++;
    const kept = [];
    for (let e = 0; e < verdict.length; e++) if (verdict[e] || notes.has(e)) kept.push([e, verdict[e], notes.get(e) || "", moments.get(e) || ""]);
    try { localStorage.setItem(storageKey(), JSON.stringify(kept)); } catch { /* a page from a file may have no storage: the file of decisions is what counts */ }
    reviewBar();
  }

  function decided() {
    let n = 0;
    for (const v of verdict) if (v) n++;
    return n;
  }

  function recall() {
    try {
      for (const [e, value, note, when] of JSON.parse(localStorage.getItem(storageKey()) || "[]")) {
        if (e >= verdict.length) continue;
        verdict[e] = value;
        if (note) notes.set(e, note);
        if (when) moments.set(e, when);
        unsaved++;
      }
    } catch { /* as above */ }
  }

  function reviewBar() {
    const bar = byId("review-bar");
    if (!bar.firstChild) {
      bar.append(
        h("span", { id: "review-count" }),
        h("input", { type: "text", id: "reviewer", placeholder: "Your name", "aria-label": "Reviewer's name", autocomplete: "name" }),
        h("button", { type: "button", id: "save", onclick: save }, "Save decisions"),
        h("button", { type: "button", onclick: () => byId("load").click() }, "Load"),
        h("input", { type: "file", id: "load", accept: ".json,application/json", hidden: true, "aria-label": "Decisions to load", onchange: load }),
        h("button", { type: "button", onclick: help, "aria-label": "Keyboard and help" }, "?"));
      bar.hidden = false;
    }
    byId("review-count").textContent = decided() ? `${counted(decided(), "decision")}${unsaved ? ", not saved" : ", saved"}` : "";
  }

  async function save() {
    const who = byId("reviewer");
    if (!who.value.trim()) { tell("A decision needs a name: please give yours."); who.focus(); return; }
    const rows = [];
    for (let e = 0; e < verdict.length; e++) {
      if (!verdict[e]) continue;
      const d = editDoc[e], told = await payload(d);
      const row = { document: C.id[d], report_id: told.r, edit: `e${e - editStart[d] + 1}`, verdict: VERDICTS[verdict[e]], when: moments.get(e) };
      if (notes.get(e)) row.note = notes.get(e);
      rows.push(row);
    }
    if (!rows.length) { tell("There is no decision to save yet."); return; }
    const saved = { decisions_version: "1", manifest_sha256: M.manifest, reviewer: who.value.trim(), saved: new Date().toISOString().slice(0, 19) + "Z", decisions: rows };
    const link = h("a", { href: URL.createObjectURL(new Blob([JSON.stringify(saved, null, 1) + "\n"], { type: "application/json" })), download: "decisions.json" });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    unsaved = 0;
    reviewBar();
    tell(`${counted(rows.length, "decision")} saved; siglum apply-review takes the file`);
  }

  async function load(event) {
    try {
      const read = JSON.parse(await event.target.files[0].text());
      const places = new Map(C.id.map((id, d) => [id, d]));
      let n = 0, strange = 0;
      for (const row of read.decisions) {
        const d = places.get(row.document), e = d === undefined ? -1 : editStart[d] + Number(row.edit.slice(1)) - 1;
        if (d === undefined || !(e >= editStart[d] && e < editStart[d + 1]) || (await payload(d)).r !== row.report_id) { strange++; continue; }
        verdict[e] = Math.max(0, VERDICTS.indexOf(row.verdict));
        if (row.note) notes.set(e, String(row.note));
        if (row.when) moments.set(e, String(row.when));
        n++;
      }
      byId("reviewer").value = byId("reviewer").value || String(read.reviewer || "");
      changed();
      route();
      tell(`${counted(n, "decision")} loaded${strange ? `; ${number(strange)} are not about this run as it stands` : ""}`);
    } catch (error) { tell(`This is no file of decisions: ${error.message}`); }
    event.target.value = "";
  }

  // -- Views ---------------------------------------------------------------------------------------------------------

  const VIEWS = ["overview", "queue", "documents", "rules", "account"];
  let view = "overview", list = "queue", limit = SHOWN_AT_ONCE, open = null, drawing = 0;
  let explorer, facetForm, results, told;

  const tell = (text) => { told.textContent = text; };

  function build() {
    told = h("p", { role: "status", class: "quiet" });
    facetForm = h("form", { class: "facets", "aria-label": "Filters", onsubmit: (event) => event.preventDefault() });
    results = h("div", { class: "results" });
    explorer = h("div", { class: "explorer" }, facetForm, results);
    const box = h("input", { type: "search", id: "search", placeholder: "Search everything  ( / )", "aria-label": "Search texts, removals, rules, ids and addresses" });
    let timer;
    box.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(() => { query = box.value; refresh(true); }, 120); });
    const lost = h("input", { type: "number", min: 0, max: 100, step: 1, id: "least", value: "" });
    lost.addEventListener("input", () => { least = Number(lost.value) || 0; refresh(); });
    facetForm.append(box, h("label", {}, h("span", {}, "Lost at least, percent"), h("span", {}, lost)), h("details", { class: "filters", open: window.innerWidth > 832 }, h("summary", {}, "Filters"), h("div", { id: "facet-lists" })),
      h("button", { type: "button", class: "link", onclick: clear }, "Clear all filters"));
    for (const element of document.querySelectorAll(".static")) element.hidden = true;
    document.querySelectorAll("#rules-table tbody tr").forEach((row) => {
      const code = row.querySelector("code"), r = Number(code.id.slice(5));
      if (M.rules[r].hits) row.cells[0].append(h("p", {}, h("button", { type: "button", class: "link", onclick: () => {
        clear(true); chosen.get("rule").add(r); location.hash = "#queue"; refresh(); } }, `Show its ${counted(M.rules[r].hits, "removal")}`)));
    });
    document.documentElement.classList.add("scripted");
  }

  function clear(still) {
    for (const set of chosen.values()) set.clear();
    query = ""; least = 0;
    facetForm.querySelectorAll("#search, #least").forEach((box) => { box.value = ""; });
    if (still !== true) refresh(true);
  }

  const wide = new Set();

  function drawFacets() {
    const lists = facetForm.querySelector("#facet-lists"), focused = document.activeElement?.id;
    lists.replaceChildren(...FACETS.map((facet) => {
      const names = namesOf(facet), counts = found.counts.get(facet.id), set = chosen.get(facet.id);
      let values = [...new Set([...counts.keys(), ...set])];
      if (values.length < 2 && !set.size) return null;
      values.sort((a, b) => (facet.id === "risk" || facet.id === "verdict" ? a - b : (counts.get(b) || 0) - (counts.get(a) || 0) || a - b));
      const more = values.length - 8;
      if (more > 0 && !wide.has(facet.id)) values = values.filter((v, n) => n < 8 || set.has(v));
      return h("fieldset", {}, h("legend", {}, facet.title), values.map((value) => {
        const box = h("input", { type: "checkbox", id: `facet-${facet.id}-${value}` });
        box.checked = set.has(value);
        box.addEventListener("change", () => { box.checked ? set.add(value) : set.delete(value); refresh(); });
        return h("label", {}, box, h("span", {}, names[value]), h("span", { class: "count" }, number(counts.get(value) || 0)));
      }), more > 0 ? h("button", { type: "button", class: "link", onclick: () => { wide.has(facet.id) ? wide.delete(facet.id) : wide.add(facet.id); drawFacets(); } },
        wide.has(facet.id) ? "Fewer" : `${number(more)} more`) : null);
    }).filter(Boolean));
    if (focused?.startsWith("facet-")) byId(focused)?.focus();
  }

  function refresh(textChanged) {
    if (textChanged) search();
    filter();
    limit = SHOWN_AT_ONCE;
    drawFacets();
    draw();
  }

  function head(text) {
    const bar = h("div", { class: "bar-line" }, told);
    tell(text + (query && searched < count ? `; of ${number(searched)} texts the words were searched` : ""));
    if (query && searched < count) bar.append(h("button", { type: "button", onclick: loadAll }, `Read all ${number(M.parts)} parts and search them`));
    if (list === "documents") {
      const choice = h("select", { "aria-label": "Order" }, Object.entries(SORTS).map(([key, [name]]) => h("option", { value: key, selected: key === sorting }, `by ${name}`)));
      choice.addEventListener("change", () => { sorting = choice.value; refresh(); });
      bar.append(choice);
    }
    return bar;
  }

  async function loadAll() {
    const kept = C.id.map(() => 0), wanted = query.trim().toLowerCase();
    for (let n = 0; n < M.parts; n++) {
      tell(`Reading part ${number(n + 1)} of ${number(M.parts)}`);
      (await loadPart(n)).forEach((one, k) => { if (lowered(one).some((text) => text.includes(wanted))) kept[n * M.part + k] = 1; delete one.lower; });
      await new Promise((resolve) => setTimeout(resolve));
    }
    search();
    searched = count;
    kept.forEach((hit, d) => {
      if (hit && !textOk[d]) { textOk[d] = 1; for (let e = editStart[d]; e < editStart[d + 1]; e++) editTextOk[e] = 1; }
    });
    filter();
    drawFacets();
    draw();
  }

  function draw() {
    const now = ++drawing;
    if (list === "queue") {
      const cards = found.edits.slice(0, limit).map((e) => removalCard(e));
      results.replaceChildren(head(`${counted(found.edits.length, "removal")} in ${counted(new Set(found.edits.map((e) => editDoc[e])).size, "document")}, least sure first`),
        h("ol", { class: "removals" }, cards), moreButton(found.edits.length));
    } else {
      results.replaceChildren(head(counted(found.docs.length, "document")), h("ol", { class: "removals" }, found.docs.slice(0, limit).map(documentCard)), moreButton(found.docs.length));
    }
    return now;
  }

  const moreButton = (total) => (total > limit ? h("button", { type: "button", class: "more", onclick: () => { const at = limit; limit += SHOWN_AT_ONCE; draw(); results.querySelectorAll(".card")[at]?.focus(); } },
    `Show ${SHOWN_AT_ONCE} more of ${number(total - limit)}`) : "");

  function removalCard(e) {
    const kind = M.kinds[editKind[e]], d = editDoc[e], n = e - editStart[d];
    const card = h("li", { class: `removal card stop risk-${RISK_NAMES[kind[3]]}${verdict[e] ? " decided" : ""}`, tabindex: "-1", "data-edit": e, "data-open": `#d${d + 1}e${n + 1}` },
      h("p", { class: "meta" }, h("strong", { class: "label" }, `${word(kind)}: ${M.tables.category[kind[1]]}`), h("span", {}, `${RISKS[kind[3]]}, confidence ${kind[2]}`),
        h("a", { href: `#d${d + 1}e${n + 1}` }, C.id[d])));
    const body = h("div", {});
    card.append(body);
    const fill = (told) => {
      card.querySelector(".label").append(linesTold(told.e[n]));
      const lines = linesOf(d, told), touched = lines.map((line, k) => (line.edits?.some((s) => s.n === n) ? k : -1)).filter((k) => k >= 0);
      const from = Math.max(0, (touched[0] ?? 0) - 1), to = Math.min(lines.length, (touched.at(-1) ?? 0) + 2), most = 12;
      const shown = lines.slice(from, to), over = shown.length - most;
      if (over > 1) shown.splice(8, over, { gap: `${counted(over, "line")} more of this removal` });
      body.append(h("ol", { class: `lines${lines.some((line) => line.language >= 0) ? "" : " tongueless"}` }, shown.map((line) => lineElement(line.gap ? line : { ...line, found: [] }, told, { only: n }))),
        h("p", {}, whyOf(kind, told.e[n])), h("p", { class: "quiet" }, kind[0].map((r, i) => [i ? ", " : "", ruleLink(r)])));
    };
    const told = payloadNow(d);
    if (told) fill(told);
    else payload(d).then(fill, (error) => body.append(h("p", {}, error.message)));
    card.append(choices(e));
    return card;
  }

  function documentCard(d) {
    const part = 100 * share(d);
    return h("li", { class: `removal card stop risk-${RISK_NAMES[C.risk[d]]}`, tabindex: "-1", "data-open": `#d${d + 1}` },
      h("div", { class: "row" }, h("a", { href: `#d${d + 1}`, dir: "auto" }, C.id[d]),
        h("span", { class: "share" }, h("meter", { min: 0, max: 100, value: part.toFixed(1), "aria-label": "share taken" }), `${part.toFixed(1)} %`),
        h("span", { class: "quiet" }, counted(C.count[d], "edit")), h("code", {}, C.tag[d])));
  }

  // One document: what is known of it, and its text with what was taken struck through in place.
  async function drawDocument(d, n) {
    const now = ++drawing, target = byId("documents-app");
    let data;
    try { data = await payload(d); } catch (error) { target.replaceChildren(h("p", {}, error.message)); return; }
    if (now !== drawing) return;
    const lines = linesOf(d, data), listed = h("ol", { class: `lines sheet${lines.some((line) => line.language >= 0) ? "" : " tongueless"}` });
    const wanted = n === null ? -1 : lines.findIndex((line) => line.edits?.some((s) => s.n === n));
    let first = wanted < LINES_AT_ONCE / 2 ? 0 : wanted - LINES_AT_ONCE / 2, last = first;
    const draw = (from, to) => lines.slice(from, to).map((line) => lineElement(line, data));
    const less = h("button", { type: "button", class: "more" }), more = h("button", { type: "button", class: "more" });
    const grow = (by) => {
      if (by < 0) {
        listed.prepend(...draw(Math.max(0, first + by), first));
        first = Math.max(0, first + by);
      } else {
        listed.append(...draw(last, last + by));
        last = Math.min(last + by, lines.length);
      }
      less.hidden = first <= 0;
      more.hidden = last >= lines.length;
      less.textContent = `Show lines before: ${number(first)}`;
      more.textContent = `Show lines after: ${number(lines.length - last)}`;
    };
    less.addEventListener("click", () => grow(-LINES_AT_ONCE));
    more.addEventListener("click", () => grow(LINES_AT_ONCE));
    grow(LINES_AT_ONCE);
    const title = h("h3", { tabindex: "-1", dir: "auto" }, C.id[d]);
    const previous = found.docs.indexOf(d);
    const step = (k, name) => (previous >= 0 && found.docs[previous + k] !== undefined ? h("a", { class: "button", href: `#d${found.docs[previous + k] + 1}` }, name) : "");
    target.replaceChildren(
      h("div", { class: "bar-line" }, h("a", { class: "button", href: `#${list}`, id: "up" }, list === "queue" ? "Back to the queue" : "Back to the documents"), step(-1, "Previous"), step(1, "Next"), told),
      h("div", { class: "two" }, h("div", { class: "sheet" }, title, documentFacts(d, data)), provenance(data)), less, listed, more);
    tell("");
    if (n === null) title.focus({ preventScroll: true });
    else {
      const button = byId(`d${d + 1}e${n + 1}`);
      if (button) { button.click(); button.focus({ preventScroll: true }); button.scrollIntoView({ block: "center" }); }
    }
    if (n === null) window.scrollTo(0, 0);
  }

  function documentFacts(d, data) {
    const review = (data.y || []).flatMap((entry) => entry.changes.map((change) => `${change.edit} ${change.verdict} by ${entry.reviewer}, ${entry.when}${change.note ? `: ${change.note}` : ""}`));
    const facts = pairs([
      ["address", C.url[d]],
      ["captured", data.k || ""],
      ["tag", h("code", {}, C.tag[d])],
      ["taken", `${number(C.taken[d])} of ${number(C.size[d])} code points (${(100 * share(d)).toFixed(1)} %), ${counted(C.count[d], "edit")}`],
      ["inverse", data.i],
      ["read as", data.c || "a text, not bytes"],
      ["report", h("code", {}, data.r)],
      ["withheld", data.x ? "this report is redacted: it holds digests instead of what was taken; the clean text is shown" : ""],
      ["warnings", (data.n || []).join("; ")],
      ["reviewed", review.length ? h("span", {}, review.map((text) => h("p", {}, text))) : ""],
    ]);
    facts.className = "facts";
    return facts;
  }

  function provenance(data) {
    const p = data.p;
    if (!p) return h("div", { class: "sheet" }, h("h3", {}, "Translation"), h("p", { class: "quiet" }, "Nothing here states that this is a translation."));
    const quote = (row) => h("li", {}, h("q", { dir: "auto" }, row.quote || `(sha256 ${row.quote_sha256 || ""})`), ` ${row.place && row.place !== "text" ? row.place : lineAt(data, row.start)}, rule ${row.rule}, confidence ${row.confidence}`);
    const rows = pairs([
      ["states", `${METHODS[p.method === "unknown" && p.translated ? "translated" : p.method] || p.method}${p.asserted_by ? `, asserted by the ${p.asserted_by}` : ""}`],
      ["engine", p.engine_text || p.engine], ["model", p.model], ["version", p.version], ["translator", p.translator], ["date", p.date],
      ["from", p.source_language ? `${p.source_language}, known by: ${p.basis}` : "not stated"], ["into", p.target_language], ["by way of", p.pivot ? `${p.pivot}; the first original is in ${p.original_language || "an unknown language"}` : ""],
      ["post-edited", p.post_edited], ["scope", p.scope], ["original", p.original], ["confidence", String(p.confidence)],
    ]);
    rows.className = "facts";
    const against = [...(p.counter || []), ...(p.counter_evidence || [])];
    return h("div", { class: "sheet" }, h("h3", {}, "Translation"), rows,
      p.evidence ? [h("p", {}, "Evidence"), h("ul", {}, p.evidence.map(quote))] : "",
      against.length ? [h("p", {}, "Against it"), h("ul", {}, against.map(quote))] : "",
      p.hints ? [h("p", {}, "Hints, which prove nothing"), h("ul", {}, p.hints.map(quote))] : "");
  }

  function lineAt(data, at) {
    if (data.x) return "in the source";
    const w = data.w.filter((one) => one[1] <= at).at(-1);
    const before = w[2].slice(0, unitsOf(w[2])(at - w[1]));
    return `line ${number(w[0] + (before.match(/\r\n?|\n/g) || []).length)}`;
  }

  function route() {
    const at = decodeURIComponent(location.hash.slice(1)), place = /^d(\d{1,9})(?:e(\d{1,9}))?$/.exec(at), rule = /^rule-\d+$/.test(at);
    const doc = place && Number(place[1]) <= count ? Number(place[1]) - 1 : null;
    if (at.startsWith("facet") || at === "main") return;
    view = doc !== null ? "documents" : rule ? "rules" : VIEWS.includes(at) ? at : "overview";
    for (const name of VIEWS) byId(name).hidden = name !== view;
    document.querySelectorAll("nav a").forEach((link) => link.getAttribute("href") === `#${view}` ? link.setAttribute("aria-current", "page") : link.removeAttribute("aria-current"));
    open = doc;
    if (doc !== null) {
      if (!filtered) { filter(); filtered = true; }
      const n = place[2] ? Number(place[2]) - 1 : null;
      drawDocument(doc, n !== null && n < C.count[doc] ? n : null);
    } else if (view === "queue" || view === "documents") {
      list = view;
      byId(`${view}-app`).replaceChildren(explorer);
      refreshIfNeeded();
      draw();
      window.scrollTo(0, 0);
    } else if (rule) byId(at)?.scrollIntoView({ block: "center" });
    else window.scrollTo(0, 0);
  }

  let filtered = false;
  function refreshIfNeeded() {
    if (!filtered) { filter(); filtered = true; }
    drawFacets();
  }

  // -- Keyboard ------------------------------------------------------------------------------------------------------

  let keysOn = true, current = -1;
  const KEYS = [["j", "next removal or document"], ["k", "the one before"], ["Enter or o", "open it"], ["a", "accept"], ["r", "reject"], ["n", "write a note"],
    ["u", "up: to the list, to the overview"], ["/", "search"], ["s", "save decisions"], ["?", "this help"]];

  function help() {
    let dialog = byId("help");
    if (!dialog) {
      const box = h("input", { type: "checkbox", id: "keys-on" });
      box.checked = keysOn;
      box.addEventListener("change", () => { keysOn = box.checked; });
      dialog = h("dialog", { id: "help", "aria-labelledby": "help-title" }, h("h2", { id: "help-title" }, "Keyboard"),
        h("dl", { class: "keys" }, KEYS.map(([key, what]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, what)])),
        h("p", {}, "Decisions are kept in a file: save them, and give the file to siglum apply-review. The browser keeps a copy as long as it likes."),
        h("p", {}, h("label", {}, box, " Single keys do this")), h("form", { method: "dialog" }, h("button", {}, "Close")));
      document.body.append(dialog);
    }
    if (!dialog.open) dialog.showModal();
  }

  const stops = () => [...document.querySelectorAll(`#${view} .stop`)].filter((element) => element.offsetParent !== null);

  function move(by) {
    const all = stops();
    if (!all.length) return;
    const inside = document.activeElement?.closest(".stop");
    let at = all.indexOf(inside);
    if (at < 0) at = by > 0 ? -1 : all.length;
    current = Math.max(0, Math.min(all.length - 1, at + by));
    all[current].focus({ preventScroll: true });
    all[current].scrollIntoView({ block: "nearest" });
  }

  function key(event) {
    const target = event.target;
    if (event.key === "Escape" && target.matches("input, textarea")) { target.blur(); return; }
    if (!keysOn || event.ctrlKey || event.metaKey || event.altKey || byId("help")?.open || target.matches("input:not([type=checkbox]), textarea, select")) return;
    const here = target.closest(".stop") || target.closest(".line")?.querySelector(".stop"), edit = here?.dataset.edit;
    const act = {
      "j": () => move(1), "k": () => move(-1), "?": help, "s": save,
      "/": () => { if (view !== "queue" && view !== "documents" || open !== null) location.hash = `#${list}`; setTimeout(() => byId("search")?.focus()); },
      "u": () => { location.hash = open !== null ? `#${list}` : "#overview"; },
      "o": () => { if (here?.dataset.open) location.hash = here.dataset.open; else here?.click(); },
      "Enter": () => { if (target === here && here.dataset.open) location.hash = here.dataset.open; else return false; },
      "a": () => edit !== undefined && decide(Number(edit), verdict[edit] === 1 ? 0 : 1),
      "r": () => edit !== undefined && decide(Number(edit), verdict[edit] === 2 ? 0 : 2),
      "n": () => { if (edit !== undefined) { if (here.matches(".chip") && here.getAttribute("aria-expanded") !== "true") here.click(); document.querySelector(`#${view} [data-note="${edit}"]`)?.focus(); } },
    }[event.key];
    if (act && act() !== false) event.preventDefault();
  }

  // -- Start ---------------------------------------------------------------------------------------------------------

  async function start() {
    M = await unpack(byId("data-index").textContent);
    begin();
    recall();
    build();
    reviewBar();
    window.addEventListener("hashchange", route);
    document.addEventListener("keydown", key);
    window.addEventListener("beforeunload", (event) => { if (unsaved && decided()) event.preventDefault(); });
    route();
    document.documentElement.dataset.ready = "index";
    if (M.beside && M.parts > KEPT_PARTS) return;
    // Texts are unpacked while nothing else is asked for, so that searching them later does not wait.
    for (let n = 0; n < M.parts; n++) {
      await new Promise((resolve) => (window.requestIdleCallback || setTimeout)(resolve));
      (await loadPart(n)).forEach(lowered);
    }
    document.documentElement.dataset.ready = "all";
  }

  if (typeof DecompressionStream === "function") {
    start().catch((error) => {
      document.querySelectorAll(".static").forEach((element) => { element.hidden = false; });
      byId("overview").prepend(h("p", { role: "alert" }, `The page's data could not be read (${error.message}); the account below is complete without it.`));
    });
  }
})();
