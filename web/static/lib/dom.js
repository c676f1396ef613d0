// Elements without a template language: text is always text, never markup.

const SVG = "http://www.w3.org/2000/svg";

function fill(node, properties, children) {
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "class") node.setAttribute("class", value);
    else if (name === "style") for (const [key, to] of Object.entries(value)) node.style.setProperty(key, to);
    else if (name === "data") Object.assign(node.dataset, value);
    else if (name === "value" || name === "checked" || name === "disabled") node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  add(node, children);
  return node;
}

function add(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) node.append(child);
  }
}

/** An HTML element: h("a", {href: "#/jobs", class: "button"}, "Jobs"). */
export function h(name, properties, ...children) {
  return fill(document.createElement(name), properties, children);
}

/** An SVG element, likewise. */
export function s(name, properties, ...children) {
  return fill(document.createElementNS(SVG, name), properties, children);
}

/** Put children in place of what a node holds; null and false are left out. */
export function put(node, ...children) {
  node.replaceChildren();
  add(node, children);
  return node;
}

/** Calls `draw` only with what differs from the last time, so that nothing moves under the reader's hands. */
export function whenChanged(draw) {
  let last;
  return (data) => {
    const text = JSON.stringify(data);
    if (text !== last) {
      last = text;
      draw(data);
    }
  };
}
