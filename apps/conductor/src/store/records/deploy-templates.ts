import type { JsonObject } from '@ferric/core';
import { faults } from '../../fault.js';
import type { DeployTemplate } from '../../resources/deploy-template.js';
import { document, instant, optional, text, type Codecs } from '../column-codecs.js';
import type { RecordDefinition } from '../record-queries.js';
import { createRecordRows } from '../record-rows.js';

const CODECS: Codecs<Omit<DeployTemplate, 'steps'>> = {
  uuid: text(),
  name: text(),
  extra: document<JsonObject>(),
  createdAt: instant(),
  updatedAt: optional(instant()),
};

export interface DeployTemplateFilters {
  readonly name?: string;
  /** Any of these. */
  readonly names?: readonly string[];
}

export const DEPLOY_TEMPLATES: RecordDefinition<'deploy_templates', DeployTemplate, DeployTemplateFilters> = {
  table: 'deploy_templates',
  rows: createRecordRows<DeployTemplate, 'steps'>({ name: 'deploy_template', codecs: CODECS, sealed: ['steps'], documents: ['extra'] }),
  conditions: {
    name: (row, value) => row('name', '=', value),
    names: (row, value) => row('name', 'in', value),
  },
  notFound: faults.deployTemplateNotFound,
  faults: (template) => ({
    'deploy_templates.uuid': () => faults.deployTemplateUuidTaken(template.uuid ?? ''),
    'deploy_templates.name': () => faults.deployTemplateNameTaken(template.name ?? ''),
  }),
};
