import type { Account, Privilege } from '../machine/accounts.js';
import { refuse } from '../outcome.js';
import { type Commands, documentOf, PRIVILEGE_WORDS, valueOf } from './command.js';
import { attribute, elementWith } from './documents.js';

// Commands of the group USER_INFO. Source: HPE iLO 4 scripting guide; recorded answers.

function attributesOf(account: Account): Readonly<Record<string, string>> {
  const has = (privilege: Privilege): string => (account.privileges.has(privilege) ? 'Y' : 'N');
  return {
    USER_NAME: account.name,
    USER_LOGIN: account.login,
    ...Object.fromEntries(Object.entries(PRIVILEGE_WORDS).map(([privilege, word]) => [word, has(privilege as Privilege)])),
  };
}

export const USER_COMMANDS: Commands = {
  GET_USER: {
    run({ machine }, element) {
      const account = machine.accounts.withLogin(element.attributes['USER_LOGIN'] ?? '');
      return account === undefined ? documentOf(refuse('not there')) : { payload: elementWith('GET_USER', attributesOf(account)) };
    },
  },
  GET_ALL_USERS: {
    run({ machine }) {
      // The table has twelve places, the empty ones too.
      const logins = Array.from({ length: 12 }, (_, index) => machine.accounts.all[index]?.login ?? '');
      return { payload: ['<GET_ALL_USERS>', ...logins.map((login) => `<USER_LOGIN VALUE="${attribute(login)}"/>`), '</GET_ALL_USERS>'].join('\n') };
    },
  },
  GET_ALL_USER_INFO: {
    run: ({ machine }) => ({
      payload: ['<GET_ALL_USER_INFO>', ...machine.accounts.all.map((account) => elementWith('GET_USER', attributesOf(account))), '</GET_ALL_USER_INFO>'].join('\n'),
    }),
  },
  MOD_USER: {
    writes: true,
    run({ machine, caller }, element) {
      const account = machine.accounts.withLogin(element.attributes['USER_LOGIN'] ?? '');
      if (account === undefined) return documentOf(refuse('not there'));
      const password = valueOf(element, 'PASSWORD');
      const name = valueOf(element, 'USER_NAME');
      const outcome = caller.perform(
        'change password',
        () => {
          const refusal = password === undefined ? undefined : machine.accounts.changePassword(account, password);
          if (refusal === undefined) account.name = name ?? account.name;
          return refusal;
        },
        account === caller.account,
      );
      return documentOf(outcome);
    },
  },
};
