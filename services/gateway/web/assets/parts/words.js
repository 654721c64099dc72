// Words that the server has rendered, with numbers in them. In an element, `<template data-words="name">` holds a text
// with `{places}`; where it depends on `{count}`, there is one for each plural form: `data-form="one"`, `"few"`, ….
const language = document.documentElement.lang;
const forms = new Intl.PluralRules(language);
const whole = new Intl.NumberFormat(language);
const tenths = new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });

export class Words {
  #texts = new Map();

  constructor(element) {
    for (const template of element.querySelectorAll("template[data-words]")) {
      this.#texts.set(key(template.dataset.words, template.dataset.form), template.content.textContent.trim());
    }
  }

  /** The text of this name, if there is one. */
  say(name, values = {}) {
    const text = this.#texts.get(key(name, forms.select(values.count ?? 0))) ?? this.#texts.get(key(name));
    return text?.replace(/\{(\w+)\}/g, (_, place) => shown(values[place]));
  }
}

/** `940 kB`, `3.8 MB`, `1.2 GB`, as the server writes sizes. */
export function size(bytes) {
  for (const [unit, name] of [[1e9, "GB"], [1e6, "MB"]]) {
    if (bytes >= unit) return `${tenths.format(bytes / unit)} ${name}`;
  }
  return `${whole.format(Math.round(bytes / 1e3))} kB`;
}

const key = (name, form = "") => `${name}/${form}`;
const shown = (value) => (typeof value === "number" ? whole.format(value) : value);
