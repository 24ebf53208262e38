// Elements are built here and nowhere else: texts become text nodes, never markup.

export function el(tag, className = "", ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

export function facts(entries) {
  return entries.flatMap(([name, ...value]) => [el("dt", "", name), el("dd", "", ...value)]);
}

const JSON_PARTS = /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/g;

// Returns the nodes of a pretty-printed JSON document, its parts marked for colour.
export function json(value) {
  const text = JSON.stringify(value, null, 2);
  const nodes = [];
  let end = 0;
  for (const found of text.matchAll(JSON_PARTS)) {
    const [whole, string, colon, word] = found;
    const kind = colon ? "json-name" : string ? "json-text" : "json-word";
    nodes.push(text.slice(end, found.index), el("span", kind, string ?? word), colon ?? "");
    end = found.index + whole.length;
  }
  return [...nodes, text.slice(end)];
}
