import { defineService, type Service } from '../../service.ts'
import { listConnections, listContactGroups, searchContacts } from './connections.ts'
import { createContact, deleteContact, getBatch, getPerson, updateContact } from './contacts.ts'

/** People: the account itself and its contacts. */
export const peopleService: Service = defineService('people:v1', {
  'people.contactGroups.list': listContactGroups,
  'people.people.connections.list': listConnections,
  'people.people.createContact': createContact,
  'people.people.deleteContact': deleteContact,
  'people.people.get': getPerson,
  'people.people.getBatchGet': getBatch,
  'people.people.searchContacts': searchContacts,
  'people.people.updateContact': updateContact,
})
