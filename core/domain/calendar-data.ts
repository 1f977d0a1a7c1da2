import type { CalendarData } from './calendar.ts'

/**
 * The calendar of NSE and BSE equity derivatives as of November 2026; all times IST.
 * Sources: the exchanges' yearly lists of trading holidays (2025, 2026; the latter compared with the calendar of
 * marketcalls/openalgo) and their circulars on special sessions; the closing auction and the F&O close at 15:40
 * from 2026-08-03: SEBI circular HO/47/11/11(3)2025-MRD-POD2; the F&O pre-open from 2025-12-08: NSE/FAOP/71092.
 * 2027 was not published when this was written. DATA_DIR/calendar.json adds and corrects without a release.
 */
export const CALENDAR_DATA: CalendarData = {
  years: [2025, 2026],
  holidays: {
    '2025-02-26': 'Mahashivratri',
    '2025-03-14': 'Holi',
    '2025-03-31': 'Id-ul-Fitr',
    '2025-04-10': 'Shri Mahavir Jayanti',
    '2025-04-14': 'Dr. Babasaheb Ambedkar Jayanti',
    '2025-04-18': 'Good Friday',
    '2025-05-01': 'Maharashtra Day',
    '2025-08-15': 'Independence Day',
    '2025-08-27': 'Ganesh Chaturthi',
    '2025-10-02': 'Mahatma Gandhi Jayanti, Dussehra',
    '2025-10-21': 'Diwali Laxmi Pujan',
    '2025-10-22': 'Diwali Balipratipada',
    '2025-11-05': 'Guru Nanak Jayanti',
    '2025-12-25': 'Christmas',
    '2026-01-15': 'Municipal elections, Maharashtra',
    '2026-01-26': 'Republic Day',
    '2026-03-03': 'Holi',
    '2026-03-26': 'Shri Ram Navami',
    '2026-03-31': 'Shri Mahavir Jayanti',
    '2026-04-03': 'Good Friday',
    '2026-04-14': 'Dr. Babasaheb Ambedkar Jayanti',
    '2026-05-01': 'Maharashtra Day',
    '2026-05-28': 'Bakri Id',
    '2026-06-26': 'Muharram',
    '2026-09-14': 'Ganesh Chaturthi',
    '2026-10-02': 'Mahatma Gandhi Jayanti',
    '2026-10-20': 'Dussehra',
    '2026-11-10': 'Diwali Balipratipada',
    '2026-11-24': 'Guru Nanak Jayanti',
    '2026-12-25': 'Christmas',
  },
  special_sessions: {
    // Announced as a drill of two short sessions, turned into a full day one day before.
    '2024-01-20': { note: 'Full session on a Saturday', hours: 'regular' },
    '2025-02-01': { note: 'Union Budget, full session on a Saturday', hours: 'regular' },
    '2025-10-21': { note: 'Muhurat trading', hours: [['13:45', '14:45']] },
    // NSE/FAOP/72352, BSE 20260116-38.
    '2026-02-01': { note: 'Union Budget, full session on a Sunday', hours: 'regular' },
    // The date is the exchanges' list's; the hours come by circular and were not confirmed by one.
    '2026-11-08': { note: 'Muhurat trading', hours: [['18:00', '19:15']] },
  },
  sessions: [
    {
      from: '2010-01-01',
      pre_open: null,
      open: '09:15',
      trade_end: '15:30',
      settlement_fix: '15:30',
      index_frozen: null,
      cash_auction: null,
    },
    {
      from: '2025-12-08',
      pre_open: ['09:00', '09:15'],
      open: '09:15',
      trade_end: '15:30',
      settlement_fix: '15:30',
      index_frozen: null,
      cash_auction: null,
    },
    {
      from: '2026-08-03',
      pre_open: ['09:00', '09:15'],
      open: '09:15',
      trade_end: '15:40',
      settlement_fix: '15:35',
      index_frozen: ['15:15', '15:29'],
      cash_auction: ['15:15', '15:35'],
    },
  ],
}
