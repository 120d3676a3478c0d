/** The calls of the gateway's sections on the owner's page; voters never load them. */
import { events, get, post, put, remove } from './client';
import type { components } from './schema';

type Schemas = components['schemas'];
export type Gateway = Schemas['GatewayOut'];
export type Deployment = Schemas['GatewayDeployment'];
export type Model = Schemas['GatewayModel'];
export type Worker = Schemas['GatewayWorker'];
export type Asked = Schemas['AskedOut'];
export type ApiKey = Schemas['GatewayKeyOut'];
export type ApiKeyMade = Schemas['GatewayKeyMade'];
export type ApiKeyIn = Schemas['GatewayKeyIn'];
export type Usage = Schemas['UsageOut'];
export type UsageSum = Schemas['UsageSumOut'];
export type UsageGroup = 'day' | 'key' | 'model' | 'deployment';
export type Chat = Schemas['PlaygroundIn'];

const seg = encodeURIComponent;

/** The query of usage and of its CSV. */
export function usageQuery(since: string, by?: UsageGroup): string {
  return new URLSearchParams({ since, ...(by && { by }) }).toString();
}

export const gateway = {
  read: (signal?: AbortSignal) => get<Gateway>('/owner/gateway', signal),
  drain: (deployment: string) => post<Deployment>('/owner/gateway/drain', { deployment }),
  undrain: (deployment: string) => post<Deployment>('/owner/gateway/undrain', { deployment }),
  ask: (deployment: string) => post<Asked>('/owner/gateway/ask', { deployment }),
  chat: (body: Chat, signal: AbortSignal) => events('/owner/gateway/playground', body, signal),
  keys: async (signal?: AbortSignal) => (await get<Schemas['GatewayKeysOut']>('/owner/gateway/keys', signal)).keys,
  makeKey: (body: ApiKeyIn) => post<ApiKeyMade>('/owner/gateway/keys', body),
  changeKey: (id: string, body: ApiKeyIn) => put<ApiKey>(`/owner/gateway/keys/${seg(id)}`, body),
  revokeKey: (id: string) => remove<ApiKey>(`/owner/gateway/keys/${seg(id)}`),
  usage: (since: string, by: UsageGroup, signal?: AbortSignal) => get<Usage>(`/owner/usage?${usageQuery(since, by)}`, signal),
  usageCsv: (since: string) => `/api/owner/usage.csv?${usageQuery(since)}`,
};
