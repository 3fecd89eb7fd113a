/// Rows and columns for people: as wide as they must be, numbers to the right.
package struct Table: Sendable {
    package enum Alignment: Sendable {
        case left, right
    }

    /// One field. Foreign text is harmless once it is in here.
    package struct Cell: Sendable, ExpressibleByStringLiteral {
        let text: String
        let style: Palette.Style

        package init(_ text: String, _ style: Palette.Style = .plain) {
            self.text = TerminalText.escaped(text)
            self.style = style
        }

        package init(stringLiteral text: String) { self.init(text) }

        /// A number, its thousands set apart.
        package init(_ number: Int, _ style: Palette.Style = .plain) {
            self.init(ReadableNumber.text(number), style)
        }
    }

    private let columns: [(title: String, alignment: Alignment)]
    private var rows: [[Cell]] = []

    package init(_ columns: [(title: String, alignment: Alignment)]) { self.columns = columns }

    /// - Parameter row: one cell for each column.
    package mutating func add(_ row: [Cell]) {
        precondition(row.count == columns.count, "a row has one cell for each column")
        rows.append(row)
    }

    /// The titles and the rows, each line with its end.
    package func text(_ palette: Palette) -> String {
        let titles = columns.map { Cell($0.title, .bold) }
        let widths = columns.indices.map { column in
            ([titles] + rows).map { $0[column].text.count }.max() ?? 0
        }
        return ([titles] + rows).map { line($0, widths, palette) }.joined()
    }

    private func line(_ row: [Cell], _ widths: [Int], _ palette: Palette) -> String {
        // Nothing is padded after the last text of a line.
        let end = row.lastIndex { !$0.text.isEmpty } ?? 0
        let fields = row[...end].indices.map { column in
            let cell = row[column]
            let padding = String(repeating: " ", count: widths[column] - cell.text.count)
            let text = palette.paint(cell.text, cell.style)
            return switch columns[column].alignment {
            case .right: padding + text
            case .left: column == end ? text : text + padding
            }
        }
        return fields.joined(separator: "  ") + "\n"
    }
}
