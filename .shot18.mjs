import { chromium } from '@playwright/test';
import { createServer } from 'node:http';
import { readFileSync, existsSync, statSync } from 'node:fs';
import { join, extname } from 'node:path';
const root = '/work/wt/data18/dist';
const types = { '.html':'text/html','.js':'text/javascript','.css':'text/css','.json':'application/json','.svg':'image/svg+xml','.wasm':'application/wasm' };
const server = createServer((q,r)=>{ let p=decodeURIComponent(new URL(q.url,'http://x').pathname); if(p==='/')p='/index.html'; const f=join(root,p); if(!existsSync(f)||statSync(f).isDirectory()){r.writeHead(404).end();return;} r.writeHead(200,{'Content-Type':types[extname(f)]??'application/octet-stream','Cross-Origin-Opener-Policy':'same-origin','Cross-Origin-Embedder-Policy':'require-corp'}).end(readFileSync(f)); });
await new Promise(r=>server.listen(0,'127.0.0.1',r));
const url=`http://127.0.0.1:${server.address().port}/`;
const browser = await chromium.launch({ executablePath:'/usr/bin/chromium', args:['--no-sandbox'] });
const stage = process.argv[2] ?? 'all';
try {
  const page = await browser.newPage({ viewport:{width:1440,height:900}, colorScheme: 'light' });
  page.on('console', m=>{ if(m.type()==='error') console.log('console', m.text()); });
  page.on('pageerror', e=>console.log('pageerror', e.message));
  await page.goto(url);
  await page.waitForFunction(()=>window.lab); await page.evaluate(()=>window.lab.ready);
  // made color images in CIFAR's format
  const make=(n,seed)=>{ const b=Buffer.alloc(n*3073); let s=seed; const rnd=()=>((s=(s*1103515245+12345)&0x7fffffff)/0x7fffffff); for(let i=0;i<n;i++){ const l=i%4; b[i*3073]=l; const cx=8+16*rnd(), cy=8+16*rnd(); for(let y=0;y<32;y++)for(let x=0;x<32;x++){ const d=Math.hypot(x-cx,y-cy); const inside = l<2? d<7 : Math.max(Math.abs(x-cx),Math.abs(y-cy))<6; const col = l%2? [220,60,40]:[40,90,220]; for(let k=0;k<3;k++) b[i*3073+1+k*1024+y*32+x]= Math.max(0,Math.min(255,(inside?col[k]:110)+40*(rnd()-.5))); } } return b; };
  const files=[['data_batch_1.bin',make(1200,1)],['test_batch.bin',make(300,2)],['batches.meta.txt',Buffer.from('blue disc\nred disc\nblue square\nred square\n')]];
  await page.setInputFiles('input[aria-label="Choose files of images"]', files.map(([name,buffer])=>({name,mimeType:'application/octet-stream',buffer})));
  const dialog=page.getByRole('dialog',{name:'Your own images'});
  await dialog.getByRole('button',{name:'Use these images'}).waitFor();
  await page.screenshot({path:'/tmp/s18-dialog.png'});
  await page.setViewportSize({width:390,height:844}); await page.screenshot({path:'/tmp/s18-dialog-390.png'}); await page.setViewportSize({width:1440,height:900});
  await dialog.getByRole('button',{name:'Use these images'}).click();
  await dialog.waitFor({state:'hidden'});
  await page.evaluate(async()=>{ await window.lab.reset({network:'lenet'}); await window.lab.train({epochs:2}); });
  console.log(await page.evaluate(()=>({m:window.lab.state.metrics,p:window.lab.state.problems,s:window.lab.state.settings.data})));
  for (const id of ['train','network','filters','activations','confusion','gallery','spectrum','geometry','metamers','adversarial']) {
    const el=page.locator('#'+id); if(!(await el.count())) { console.log('no', id); continue; }
    await el.scrollIntoViewIfNeeded(); await page.waitForTimeout(2500);
    await el.screenshot({path:`/tmp/s18-${id}.png`});
  }
  if (stage==='all') {
    await page.emulateMedia({colorScheme:'dark'}); await page.setViewportSize({width:390,height:844});
    for (const id of ['train','activations','confusion','gallery','adversarial']) { const el=page.locator('#'+id); await el.scrollIntoViewIfNeeded(); await page.waitForTimeout(1500); await el.screenshot({path:`/tmp/s18-${id}-390d.png`}); }
    await page.setViewportSize({width:1440,height:900}); await page.emulateMedia({colorScheme:'light'});
    await page.evaluate(async()=>{ await window.lab.reset({data:'fashion-mnist',network:'notebook'}); await window.lab.train({maxSteps:300}); });
    for (const id of ['activations','confusion','gallery','spectrum']) { const el=page.locator('#'+id); await el.scrollIntoViewIfNeeded(); await page.waitForTimeout(2500); await el.screenshot({path:`/tmp/s18-f-${id}.png`}); }
  }
} finally { await browser.close(); server.close(); }
