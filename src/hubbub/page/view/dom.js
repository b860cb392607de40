/** Elements, made of names, attributes and texts: the page makes none in any other way. */

/**
 * @typedef {string | number | boolean | null | undefined | ((event: any) => void)} Attribute a function listens to an event
 * @typedef {Node | string | number | false | null | undefined} Child
 */

/**
 * An element; an attribute that is false, null or undefined is left out.
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Record<string, Attribute>} attributes
 * @param {Child[]} children
 */
export function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(attribute.slice(2), value);
    else if (value === true) made.setAttribute(attribute, "");
    else if (value !== false && value != null) made.setAttribute(attribute, String(value));
  }
  for (const child of children) if (child != null && child !== false) made.append(typeof child === "number" ? String(child) : child);
  return made;
}
