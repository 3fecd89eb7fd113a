import Foundation

/// What one run of the benchmark found, for programs.
struct Report: Encodable {
    let machine: MachineDescription
    let repetitions: Int
    private(set) var rows: [Entry] = []

    /// A row with all that follows from it; numbers are in the base unit.
    struct Entry: Encodable {
        let measurement: String
        let name: String
        let value: Double
        let unit: String
        let limit: Double?
        let ratio: Double?
        let good: Bool?
    }

    init(machine: MachineDescription, repetitions: Int) {
        self.machine = machine
        self.repetitions = repetitions
    }

    mutating func add(_ row: Row, of measurement: Measurement) {
        rows.append(
            Entry(
                measurement: measurement.name, name: row.name, value: row.value,
                unit: row.unit.rawValue, limit: row.limit, ratio: row.ratio, good: row.isGood))
    }

    /// The report as JSON.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
