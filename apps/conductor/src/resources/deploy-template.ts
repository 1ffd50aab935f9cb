import type { JsonObject, Sealed } from '@ferric/core';

/** A deploy step that a template asks for. */
export interface DeployTemplateStep {
  readonly interface: string;
  readonly step: string;
  readonly args: { readonly [name: string]: Sealed };
  /** 0 switches the driver's own step off. */
  readonly priority: number;
}

/** Deploy steps for every node whose instance has the trait of this name. Source: ironic/objects/deploy_template.py. */
export interface DeployTemplate {
  readonly uuid: string;
  /** A trait; unique. */
  readonly name: string;
  readonly steps: readonly DeployTemplateStep[];
  readonly extra: JsonObject;
  readonly createdAt: Date;
  readonly updatedAt: Date | null;
}
