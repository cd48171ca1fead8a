"""Service requests (服务申请), orders for short: what people ask of an instrument on its page.

    settings.orders   what the unit decides (in `fenhe_node.settings`)
    states            what may follow what, and who may do it
    wish              a form that was sent, judged field by field
    estimate          what it would cost by the fee standards
    desk              the verbs: take in, answer, schedule, finish, rate
    said_by_unit      what its staff types, as values
    forgetting        the end of what was kept
    finishing         what was done, as a record that is judged and kept
    record            the service record of a finished order
    calendar          when an instrument is taken, without persons (iCalendar)
    foreign_calendar  the same, read from a booking system's calendar
    calendars         those calendars fetched, every hour
    letters           what is mailed to whom

They stand in tables of their own and in no tier; a finished one becomes a service record, which
goes the way of all records. Start at `desk`.
"""
