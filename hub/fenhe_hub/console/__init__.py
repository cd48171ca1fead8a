"""The hub's console (管理台): pages for its own staff, on a listener of their own. Start at `app`.

Everybody signs in. A page is a module with functions from `Asked` to an answer and a table of them;
each route says which permission it asks for and how far it reaches:

    def show(asked: Asked) -> Answer:
        with asked.console.index() as db, asked.console.casework() as work:
            staff = staff_of(asked)                  # what lies within its scope: staff.units
            return Page("console/fees.html", {"lines": lines})
    def save(asked: Asked) -> Answer:                # its form's token is checked before
        with asked.console.office.turn() as casework: …   # a verb of `office`, done by `staff`
        return GoTo("/fees", "已保存 saved")
    ROUTES = (
        Route("GET", "/fees", show, Permission.SEE, Reach.OWN),
        Route("POST", "/fees/{unit}", save, Permission.PREPARE, Reach.UNIT),
    )

Then name the module in `app.PAGES`; its tab stands in `navigation` and shows to whoever may open
it. `Reach.UNIT`: the path names the `{unit}`, whose code the guard holds against the account's
scope. `Reach.OWN`: the handler shows nothing but units in `staff.units` (None: all). A test asks
for every route of every page as every role, and as a department, whose pages may name no other
unit. `Reach.PROVINCE`: for accounts of the whole province alone. A function runs in a thread, an
`async def` in the loop. What it raises as FenheError becomes a page that says what to mend.

A list is a `table.Table`: columns, filters and an order, described once; `table_page.answer` makes
of it a page that filters, sorts, turns and links, and its export. Templates lie in
`templates/console/` and extend `console/frame.html`; `console/table.html` has the macros of lists.
Forms begin with {{ token }}; there are no scripts.

    app          all routes of all pages
    asking       what a handler gets; a route
    navigation   the tabs
    staffing     which account may what, as it stands now
    listening    the listener, opened by `serve`
"""
