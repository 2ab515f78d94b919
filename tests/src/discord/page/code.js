// Colours of code blocks: `diff`, `ansi`, and the little of yaml and json that helps the eye. Pure.

const NAMES = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

/** Splits code into [class, text] pairs; unknown languages give one pair without a class. */
export function highlight(lang, text) {
  const painter = { diff, patch: diff, ansi, yaml, yml: yaml, json }[lang];
  return painter ? painter(text) : [["", text]];
}

function diff(text) {
  return text.split(/(?<=\n)/).map((line) => [/^(\+|!)/.test(line) ? "add" : line.startsWith("-") ? "del" : line.startsWith("@@") ? "hunk" : "", line]);
}

function ansi(text) {
  const out = [];
  let style = {};
  let at = 0;
  for (const match of text.matchAll(/\u001b\[([\d;]*)m/g)) {
    push(out, style, text.slice(at, match.index));
    style = sgr(style, match[1]);
    at = match.index + match[0].length;
  }
  push(out, style, text.slice(at));
  return out;
}

function push(out, style, text) {
  if (text) out.push([Object.values(style).filter(Boolean).join(" "), text]);
}

function sgr(before, codes) {
  let style = { ...before };
  for (const code of codes.split(";").map(Number)) {
    if (code === 0) style = {};
    else if (code === 1) style.bold = "bold";
    else if (code === 4) style.underline = "underline";
    else if (code >= 30 && code <= 37) style.fg = `fg-${NAMES[code - 30]}`;
    else if (code >= 90 && code <= 97) style.fg = `fg-${NAMES[code - 90]}`;
    else if (code >= 40 && code <= 47) style.bg = `bg-${NAMES[code - 40]}`;
  }
  return style;
}

function yaml(text) {
  return pairs(text, /^([ \t]*(?:- )*)([\w./-]+:)|(#[^\n]*)|("[^"\n]*"|'[^'\n]*')/gm, (m) => (m[2] ? "key" : m[3] ? "dim" : "string"), 1);
}

function json(text) {
  return pairs(text, /("(?:\\.|[^"\\\n])*")(\s*:)?|\b(-?\d[\d.eE+-]*|true|false|null)\b/g, (m) => (m[1] ? (m[2] ? "key" : "string") : "number"));
}

function pairs(text, pattern, kind, skip) {
  const out = [];
  let at = 0;
  for (const match of text.matchAll(pattern)) {
    const from = match.index + (skip ? (match[skip]?.length ?? 0) : 0);
    if (from > at) out.push(["", text.slice(at, from)]);
    out.push([kind(match), text.slice(from, match.index + match[0].length)]);
    at = match.index + match[0].length;
  }
  if (at < text.length) out.push(["", text.slice(at)]);
  return out;
}
