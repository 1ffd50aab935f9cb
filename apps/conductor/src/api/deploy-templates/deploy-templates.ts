import { MASK, maskSealed, type Sealed } from '@ferric/core';
import { faults } from '../../fault.js';
import { sealSteps } from '../../nodes/step-secrets.js';
import type { DeployTemplate } from '../../resources/deploy-template.js';
import type { ApiDependencies } from '../dependencies.js';
import type { AnyEndpoint } from '../http/endpoint.js';
import { collectionEndpoints } from '../table/collection.js';
import { defineTable } from '../table/field.js';
import { fieldMakers } from '../table/field-makers.js';
import { createOnly, required, settable } from '../table/input-rules.js';
import { objectValue, recordIdentifier, uuidValue } from '../table/value-kinds.js';
import { traitValue } from '../traits/trait.js';
import { templateSteps } from './template-steps.js';

const { text, time, document, links } = fieldMakers<DeployTemplate>();

/** First minor version that has deploy templates. */
const DEPLOY_TEMPLATES_SINCE = 55;

/** Source: recorded exchanges 135 and 136; Ironic, ironic/api/controllers/v1/deploy_template.py. */
export const DEPLOY_TEMPLATE_TABLE = defineTable<DeployTemplate>({
  name: 'template',
  collection: 'deploy_templates',
  summary: ['uuid', 'name'],
  fields: [
    text('uuid', 'uuid', 'UUID of the template.', { input: createOnly(uuidValue) }),
    time('created_at', 'createdAt', 'When it was created.'),
    time('updated_at', 'updatedAt', 'When it was last changed.'),
    text('name', 'name', 'The trait that asks for it, unique.', { input: required(traitValue) }),
    document('extra', 'extra', 'Data of its users.', { input: settable(objectValue, {}) }),
    links('links', 'deploy_templates', 'uuid', ''),
    {
      name: 'steps',
      since: 1,
      description: `Its deploy steps. Secrets are shown as ${MASK}; sending that back keeps them.`,
      schema: templateSteps.schema,
      columns: ['steps'],
      show: ({ steps }) => maskSealed(steps as unknown as Sealed),
      input: { ...required(templateSteps), sealed: true, seal: sealSteps },
    },
  ],
});

/** `/v1/deploy_templates` and one template. */
export function deployTemplateEndpoints(api: ApiDependencies): readonly AnyEndpoint[] {
  return collectionEndpoints(api, {
    table: DEPLOY_TEMPLATE_TABLE,
    path: 'deploy_templates',
    one: 'a deploy template',
    many: 'deploy templates',
    since: DEPLOY_TEMPLATES_SINCE,
    detailPath: false,
    service: api.deployTemplates,
    reader: api.store.deployTemplates,
    toFilters: () => ({}),
    identify: (given) => recordIdentifier(given, faults.deployTemplateNotFound),
    notFound: faults.deployTemplateNotFound,
  }).endpoints;
}
