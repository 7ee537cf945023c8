import ChatTemplates
import Testing

@Suite struct CalendarTimeTests {
    static func formatted(_ time: CalendarTime, _ format: String) throws -> String {
        try ChatTemplate(source: "{{ strftime_now(f) }}").render(
            [], variables: ["f": .string(format)], time: time
        ).text
    }

    /// The days of the week are those that any calendar shows.
    @Test(arguments: [
        (CalendarTime(year: 2000, month: 1, day: 1), "Saturday 001"),
        (CalendarTime(year: 2000, month: 2, day: 29), "Tuesday 060"),
        (CalendarTime(year: 2024, month: 12, day: 31), "Tuesday 366"),
        (CalendarTime(year: 1900, month: 3, day: 1), "Thursday 060"),
        (CalendarTime(year: 2026, month: 11, day: 3), "Tuesday 307"),
        (CalendarTime(year: 1970, month: 1, day: 1), "Thursday 001"),
    ])
    func theDayOfTheWeekAndOfTheYearAreRight(_ time: CalendarTime, _ expected: String) throws {
        #expect(try Self.formatted(time, "%A %j") == expected)
    }

    @Test func fieldsArePaddedUnlessTheyAreAskedNotTo() throws {
        let time = CalendarTime(year: 2026, month: 3, day: 4, hour: 0, minute: 5, second: 9)
        #expect(try Self.formatted(time, "%d/%m/%y %H:%M:%S %I%p") == "04/03/26 00:05:09 12AM")
        #expect(try Self.formatted(time, "%-d/%-m %-H:%-M") == "4/3 0:5")
        #expect(try Self.formatted(time, "%F %T %e|%%|%Q|%") == "2026-03-04 00:05:09  4|%|%Q|%")
        #expect(try Self.formatted(CalendarTime(year: 1, month: 99, day: 0), "%Y-%m-%d") == "0001-12-01")
    }

    @Test func theClockOfTheSystemIsReadWhereNoTimeIsGiven() throws {
        let text = try ChatTemplate(source: "{{ strftime_now('%Y') }}").render([]).text
        #expect((Int(text) ?? 0) >= 2026)
        #expect(CalendarTime.now().year == Int(text))
    }
}
