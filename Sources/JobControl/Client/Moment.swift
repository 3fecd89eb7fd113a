/// Moments as people write and read them; Unix milliseconds inside.
package enum Moment {
    /// Reads RFC 3339 (`2026-01-31T08:30:00Z`, `2026-01-31 08:30:00.5+01:00`) or Unix seconds. `nil`:
    /// it is neither, or before 1970, or after 9999.
    package static func milliseconds(_ text: String) -> Int64? {
        let moment: Int64?
        if !text.isEmpty, text.utf8.allSatisfy(isDigit) {
            let (product, overflow) = (Int64(text) ?? .max).multipliedReportingOverflow(by: 1000)
            moment = overflow ? nil : product
        } else {
            moment = rfc3339(Array(text.utf8))
        }
        return moment.flatMap { range.contains($0) ? $0 : nil }
    }

    /// RFC 3339 in UTC, to the second. A moment that this cannot express is given as a number.
    package static func text(milliseconds: Int64) -> String {
        guard range.contains(milliseconds) else { return "\(milliseconds) ms" }
        let seconds = milliseconds / 1000
        let (year, month, day) = date(ofDay: seconds / 86_400)
        let date = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
        let time = [seconds / 3600 % 24, seconds / 60 % 60, seconds % 60].map { padded($0, 2) }
        return "\(date)T\(time.joined(separator: ":"))Z"
    }

    private static let range: ClosedRange<Int64> = 0...253_402_300_799_999

    // MARK: - Reading

    private static func rfc3339(_ text: [UInt8]) -> Int64? {
        var rest = text[...]
        guard let year = number(&rest, 4), skip(&rest, "-"), let month = number(&rest, 2),
            skip(&rest, "-"), let day = number(&rest, 2), skip(&rest, "Tt "),
            let hour = number(&rest, 2), skip(&rest, ":"), let minute = number(&rest, 2),
            skip(&rest, ":"), let second = number(&rest, 2),
            (1...12).contains(month), (1...length(ofMonth: month, year)).contains(day),
            hour < 24, minute < 60, second <= 60
        else { return nil }
        guard let fraction = fraction(&rest), let offset = offset(&rest), rest.isEmpty else {
            return nil
        }
        let seconds = (hour * 60 + minute - offset) * 60 + second
        return (dayNumber(year, month, day) * 86_400 + seconds) * 1000 + fraction
    }

    /// Milliseconds of `.5` and the like; 0 when there is none.
    private static func fraction(_ rest: inout ArraySlice<UInt8>) -> Int64? {
        guard skip(&rest, ".") else { return 0 }
        let digits = rest.prefix(while: isDigit)
        rest = rest.dropFirst(digits.count)
        guard !digits.isEmpty else { return nil }
        return Int64(String(decoding: (digits + Array("00".utf8)).prefix(3), as: UTF8.self))
    }

    /// Minutes east of Greenwich.
    private static func offset(_ rest: inout ArraySlice<UInt8>) -> Int64? {
        if skip(&rest, "Zz") { return 0 }
        let isWest = rest.first == UInt8(ascii: "-")
        guard skip(&rest, "+-"), let hours = number(&rest, 2), skip(&rest, ":"),
            let minutes = number(&rest, 2), hours < 24, minutes < 60
        else { return nil }
        return (hours * 60 + minutes) * (isWest ? -1 : 1)
    }

    private static func number(_ rest: inout ArraySlice<UInt8>, _ digits: Int) -> Int64? {
        let number = rest.prefix(digits)
        guard number.count == digits, number.allSatisfy(isDigit) else { return nil }
        rest = rest.dropFirst(digits)
        return Int64(String(decoding: number, as: UTF8.self))
    }

    private static func skip(_ rest: inout ArraySlice<UInt8>, _ accepted: StaticString) -> Bool {
        guard let next = rest.first, accepted.description.utf8.contains(next) else { return false }
        rest = rest.dropFirst()
        return true
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    // MARK: - The calendar

    private static func length(ofMonth month: Int64, _ year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days since 1970-01-01. The year is counted from March, so that the leap day is its last.
    private static func dayNumber(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let monthFromMarch = (month + 9) % 12
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        return year * 365 + year / 4 - year / 100 + year / 400 + dayOfYear - 719_468
    }

    private static func date(ofDay number: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let sinceMarch = number + 719_468
        let era = sinceMarch / 146_097
        let dayOfEra = sinceMarch % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = (monthFromMarch + 2) % 12 + 1
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, day)
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = "\(number)"
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
