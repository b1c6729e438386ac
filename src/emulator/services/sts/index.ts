import { defineService, type Service } from '../../service.ts'
import { exchangeToken } from './exchange-token.ts'

/** The Security Token Service: tokens of other providers, or with less reach, in exchange for others. */
export const stsService: Service = defineService('sts:v1', { 'sts.token': exchangeToken })
