import { alertStoreSuite } from './alert-store-suite.ts'
import { createMemoryAlertStore } from './memory-alert-store.ts'

alertStoreSuite('in memory', async () => {
  const store = createMemoryAlertStore()
  return { store, again: async () => store, close: async () => {} }
})
