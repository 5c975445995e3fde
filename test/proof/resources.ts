import type { ResourceType } from '../../operator/api/kind.ts';

export const jobsResource: ResourceType = { apiVersion: 'batch/v1', kind: 'Job', plural: 'jobs', namespaced: true };
