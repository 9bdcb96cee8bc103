import { create, type MathNode, parseDependencies } from 'mathjs/number';
import { CallError, messageOf } from '../callError.ts';
import { plainExpression } from './typed.ts';

/** A mathjs instance with only the parser, a third of the size of `mathjs/number`. */
const { parse } = create(parseDependencies);

/**
 * A person's expression as our own tree. Only mathjs's parser sees the text; its `evaluate`, `compile` and `import` are
 * never reached, and anything not explicitly allowed is an error.
 */
export type Expression =
  | { kind: 'number'; value: number }
  | { kind: 'variable'; name: string }
  /** Operators are calls of add, subtract, multiply, divide, power and negate. */
  | { kind: 'call'; name: string; inputs: Expression[] };

/** The names that an expression may use. */
export interface Vocabulary {
  variables: readonly string[];
  /** The minimum and maximum number of inputs of each function. */
  functions: Readonly<Record<string, readonly [number, number]>>;
  constants?: Readonly<Record<string, number>>;
}

export const LIMITS = { characters: 500, brackets: 30, nodes: 200, depth: 60 } as const;

/** Maps mathjs's operator names to ours. Dotted operators are element-wise, like all of ours. */
const OPERATORS: ReadonlyMap<string, string> = new Map([
  ['add', 'add'],
  ['subtract', 'subtract'],
  ['multiply', 'multiply'],
  ['dotMultiply', 'multiply'],
  ['divide', 'divide'],
  ['dotDivide', 'divide'],
  ['pow', 'power'],
  ['dotPow', 'power'],
  ['unaryMinus', 'negate'],
]);

/** Plain names for syntax that mathjs parses but we reject. */
const REFUSED: Readonly<Record<string, string>> = {
  AccessorNode: 'a property or an index',
  ArrayNode: 'a matrix in brackets',
  AssignmentNode: 'an assignment',
  BlockNode: 'several expressions',
  ConditionalNode: 'a condition',
  FunctionAssignmentNode: 'a function definition',
  IndexNode: 'an index',
  ObjectNode: 'an object',
  RangeNode: 'a range',
  RelationalNode: 'a comparison',
};

/**
 * Parses an expression of the vocabulary.
 * @throws an Error that says what was found and what is allowed, for text that does not parse, is too large, or uses
 * anything except numbers, known variables and functions, + - * / ^ and brackets.
 */
export function parseExpression(text: string, vocabulary: Vocabulary): Expression {
  assertSize(text);
  const plain = plainExpression(text);
  let root: MathNode;
  try {
    root = parse(plain);
  } catch (error) {
    throw new CallError('parseExpression', `expected an expression, found "${text}": ${messageOf(error)}`);
  }
  let nodes = 0;
  const walk = (node: MathNode, depth: number): Expression => {
    nodes += 1;
    if (nodes > LIMITS.nodes || depth > LIMITS.depth) {
      throw new CallError(
        'parseExpression',
        `expected at most ${LIMITS.nodes} parts nested ${LIMITS.depth} deep, found more; shorten the expression`,
      );
    }
    return convert(node, vocabulary, (child) => walk(child, depth + 1));
  };
  return walk(root, 1);
}

/** Rejects texts that could exhaust mathjs's recursive parser. */
function assertSize(text: string): void {
  if (text.trim() === '') {
    throw new CallError('parseExpression', 'expected an expression, found an empty text');
  }
  if (text.length > LIMITS.characters) {
    throw new CallError(
      'parseExpression',
      `expected at most ${LIMITS.characters} characters, found ${text.length}; shorten the expression`,
    );
  }
  let open = 0;
  for (const character of text) {
    if ('([{'.includes(character)) {
      open += 1;
    } else if (')]}'.includes(character)) {
      open -= 1;
    }
    if (open > LIMITS.brackets) {
      throw new CallError('parseExpression', `expected at most ${LIMITS.brackets} open brackets, found more`);
    }
  }
}

function convert(node: MathNode, vocabulary: Vocabulary, walk: (child: MathNode) => Expression): Expression {
  if (isParenthesis(node)) {
    return walk(node.content);
  }
  if (isConstant(node)) {
    const { value } = node;
    if (typeof value !== 'number' || !Number.isFinite(value)) {
      throw refusal(`the constant ${typeof value === 'string' ? JSON.stringify(value) : value}`, vocabulary);
    }
    return { kind: 'number', value };
  }
  if (isSymbol(node)) {
    return symbol(node.name, vocabulary);
  }
  if (isOperator(node)) {
    const name = OPERATORS.get(node.fn);
    if (node.fn === 'unaryPlus') {
      return walk(node.args[0]);
    }
    if (!name) {
      throw refusal(`the operator "${node.op}"`, vocabulary);
    }
    return { kind: 'call', name, inputs: node.args.map(walk) };
  }
  if (isFunction(node)) {
    if (!isSymbol(node.fn)) {
      throw refusal('a call of something that is not a function name', vocabulary);
    }
    const { name } = node.fn;
    assertFunction(name, node.args.length, vocabulary);
    return { kind: 'call', name, inputs: node.args.map(walk) };
  }
  throw refusal(REFUSED[node.type] ?? node.type, vocabulary);
}

function symbol(name: string, vocabulary: Vocabulary): Expression {
  if (vocabulary.variables.includes(name)) {
    return { kind: 'variable', name };
  }
  const { constants = {} } = vocabulary;
  if (Object.hasOwn(constants, name)) {
    return { kind: 'number', value: constants[name] };
  }
  if (Object.hasOwn(vocabulary.functions, name)) {
    throw new CallError(
      'parseExpression',
      `expected brackets after "${name}", as in ${name}(...), found none`,
    );
  }
  throw refusal(`the name "${name}"`, vocabulary);
}

function assertFunction(name: string, inputs: number, vocabulary: Vocabulary): void {
  if (!Object.hasOwn(vocabulary.functions, name)) {
    throw refusal(`the function "${name}"`, vocabulary);
  }
  const [least, most] = vocabulary.functions[name];
  if (inputs < least || inputs > most) {
    const range =
      least === most ? `${least}` : most === Infinity ? `${least} or more` : `${least} to ${most}`;
    throw new CallError('parseExpression', `expected ${range} inputs of ${name}(), found ${inputs}`);
  }
}

function refusal(found: string, { variables, functions, constants = {} }: Vocabulary): Error {
  return new CallError(
    'parseExpression',
    `expected numbers, ${[...variables, ...Object.keys(constants)].join(', ')}, + - * / ^, brackets and the functions ${Object.keys(functions).join(', ')}; found ${found}`,
  );
}

// mathjs's own guards (isConstantNode, ...) would add more code than its parser.
interface ParenthesisNode extends MathNode {
  content: MathNode;
}
interface ConstantNode extends MathNode {
  value: unknown;
}
interface SymbolNode extends MathNode {
  name: string;
}
interface OperatorNode extends MathNode {
  op: string;
  fn: string;
  args: MathNode[];
}
interface FunctionNode extends MathNode {
  fn: MathNode;
  args: MathNode[];
}

function isParenthesis(node: MathNode): node is ParenthesisNode {
  return node.type === 'ParenthesisNode';
}
function isConstant(node: MathNode): node is ConstantNode {
  return node.type === 'ConstantNode';
}
function isSymbol(node: MathNode): node is SymbolNode {
  return node.type === 'SymbolNode';
}
function isOperator(node: MathNode): node is OperatorNode {
  return node.type === 'OperatorNode';
}
function isFunction(node: MathNode): node is FunctionNode {
  return node.type === 'FunctionNode';
}
