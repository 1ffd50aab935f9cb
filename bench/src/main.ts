/** `npm run bench -- [conductor | libvirt | provisioning | ipmi] [options]`: what is measured is the first word; without one it is the conductor. */
const SUBJECTS: Readonly<Record<string, () => Promise<{ readonly run: (args: readonly string[]) => Promise<void> }>>> = {
  conductor: () => import('./conductor.ts'),
  libvirt: () => import('./libvirt/libvirt.ts'),
  ipmi: () => import('./ipmi/ipmi.ts'),
  provisioning: () => import('./provisioning/provisioning.ts'),
};

const [first = '', ...rest] = process.argv.slice(2);
const named = first !== '' && !first.startsWith('-');
const subject = SUBJECTS[named ? first : 'conductor'];
if (subject === undefined) {
  process.stderr.write(`Nothing is called ${first} here; known are ${Object.keys(SUBJECTS).join(', ')}.\n`);
  process.exitCode = 2;
} else {
  const { run } = await subject();
  await run(named ? rest : process.argv.slice(2));
}
