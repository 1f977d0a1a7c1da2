import { z } from 'zod'

/** The policy of the page allows no code from text, which zod would otherwise try. To be imported before any schema. */
z.config({ jitless: true })
