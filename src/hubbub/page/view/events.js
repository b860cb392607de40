/** What events of the browser say. */

/**
 * The element at which something happened.
 * @param {Event} event one of the keyboard, the pointer or the focus: these happen at elements only
 */
export const targetOf = (event) => /** @type {HTMLElement} */ (event.target);

/** Whether a key is pressed with one that changes what it does. @param {KeyboardEvent} event */
export const isModified = ({ ctrlKey, metaKey, altKey, shiftKey }) => ctrlKey || metaKey || altKey || shiftKey;

/**
 * Whether a key belongs to an input method that is composing a text. Safari reports the key that ends the
 * composition only after `compositionend`; then the old key code alone says so (UI Events, 7.3.1).
 * @param {KeyboardEvent} event
 */
export const composes = (event) => event.isComposing || event.keyCode === 229;
