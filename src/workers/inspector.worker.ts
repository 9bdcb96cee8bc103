import { createInspector } from './inspector.ts';

createInspector(self);
