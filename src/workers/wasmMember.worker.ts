import { serveWasmMember } from './serveWasmMember.ts';

serveWasmMember(self);
