"use strict";
// What can happen in a world: the cases of its system, read as data (see walks.py).

/** The steps of a world. A state is a list of codes, one for each stored variable. */
function system(walk) {
  const { nodes, variables, stored } = walk;

  function value(at, codes) {
    const node = nodes[at];
    if (!Array.isArray(node)) return node;
    const [what, a, b, c] = node;
    switch (what) {
      case "v": return variables[a].numbers?.[codes[a]] ?? codes[a];
      case "not": return value(a, codes) ? 0 : 1;
      case "and": return node.slice(1).every((item) => value(item, codes)) ? 1 : 0;
      case "or": return node.slice(1).some((item) => value(item, codes)) ? 1 : 0;
      case "iff": return Boolean(value(a, codes)) === Boolean(value(b, codes)) ? 1 : 0;
      case "if": return value(value(a, codes) ? b : c, codes);
      case "+": return value(a, codes) + value(b, codes);
      case "-": return value(a, codes) - value(b, codes);
      case "*": return value(a, codes) * value(b, codes);
      case "%": return leftOver(value(a, codes), value(b, codes));
      case "==": return value(a, codes) === value(b, codes) ? 1 : 0;
      case "!=": return value(a, codes) !== value(b, codes) ? 1 : 0;
      case "<": return value(a, codes) < value(b, codes) ? 1 : 0;
      case "<=": return value(a, codes) <= value(b, codes) ? 1 : 0;
      case ">": return value(a, codes) > value(b, codes) ? 1 : 0;
      case ">=": return value(a, codes) >= value(b, codes) ? 1 : 0;
    }
    throw new Error(`no node is called ${what}`);
  }

  /** What is left over of a division: never negative, 0 where there is nothing to divide by. */
  function leftOver(number, divisor) {
    if (divisor < 1) return 0;
    const rest = number % divisor;
    return rest < 0 ? rest + divisor : rest;
  }

  function code(variable, computed) {
    const { numbers } = variables[variable];
    const found = numbers ? numbers.indexOf(computed) : computed;
    if (found < 0) throw new Error(`${variables[variable].name} leaves its bounds`);
    return found;
  }

  function size(variable) {
    return (variables[variable].words ?? variables[variable].numbers).length;
  }

  /** Every assignment of the choices of a case, in the order in which steps are numbered. */
  function* chosen(choices, codes, from = 0) {
    if (from === choices.length) {
      yield codes;
      return;
    }
    for (let at = 0; at < size(choices[from]); at += 1) {
      const next = codes.slice();
      next[choices[from]] = at;
      yield* chosen(choices, next, from + 1);
    }
  }

  function after(item, codes) {
    const next = codes.slice(0, stored);
    if (item.moves) {
      for (const [variable, at] of item.sets) next[variable] = code(variable, value(at, codes));
    }
    return next;
  }

  /** All that a key can name: every step out of a state, then what is refused there. */
  function ways(state) {
    const blank = [...state, ...new Array(variables.length - stored).fill(0)];
    const found = [];
    for (const item of walk.cases) {
      for (const codes of chosen(item.choices, blank)) {
        if (value(item.when, codes)) found.push({ case: item, codes, after: after(item, codes) });
      }
    }
    return [...found.filter((way) => way.case.moves), ...found.filter((way) => !way.case.moves)];
  }

  /** Whether a variable means something, or only stands in for what is not there. */
  function means(variable, codes) {
    const needed = variables[variable].if ?? [];
    return needed.every(([other, allowed]) => allowed.includes(codes[other]));
  }

  function word(variable, codes) {
    const { words, numbers } = variables[variable];
    return words ? words[codes[variable]] : String(numbers[codes[variable]]);
  }

  /** The value of several variables that make one, in words. */
  function told(several, codes) {
    const known = several.filter((variable) => means(variable, codes));
    if (known.length === 1) return word(known[0], codes);
    return known.map((one) => `${variables[one].name}=${word(one, codes)}`).join(", ") || "nothing";
  }

  return {
    ways,
    means,
    word,
    /** The sentence of a step. */
    says: ({ case: item, codes }) => walk.actions[item.action].says
      .map((part) => (typeof part === "string" ? part : told(part, codes))).join(""),
    /** The numbers of the properties over steps and events that a step breaks. */
    breaks: ({ case: item, codes }) => item.checks
      .filter(([, at]) => !value(at, codes)).map(([property]) => property),
    /** The effects of a step, as [instance, effect]. */
    effects: ({ case: item, codes }) => item.effects
      .filter(([, , at]) => value(at, codes)).map(([instance, effect]) => [instance, effect]),
    /** The numbers of the properties over states whose condition holds in a state. */
    holding: (state) => walk.judged
      .filter(([, at]) => value(at, state)).map(([property]) => property),
  };
}
