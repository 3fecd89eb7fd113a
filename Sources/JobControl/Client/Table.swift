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

    private var columns: [(title: String, alignment: Alignment)]
    private var rows: [[Cell]] = []

    package init(_ columns: [(title: String, alignment: Alignment)]) { self.columns = columns }

    /// - Parameter row: one cell for each column.
    package mutating func add(_ row: [Cell]) {
        precondition(row.count == columns.count, "a row has one cell for each column")
        rows.append(row)
    }

    /// Takes the column with this title away.
    package mutating func leaveOut(_ title: String) {
        guard let column = columns.firstIndex(where: { $0.title == title }) else { return }
        columns.remove(at: column)
        for row in rows.indices { rows[row].remove(at: column) }
    }

    /// The titles and the rows, each line with its end.
    ///
    /// - Parameter width: what lines are cut to; `nil`: they are not.
    package func text(_ palette: Palette, width: Int? = nil) -> String {
        let widths = widths
        let lines = ([titles] + rows).map { line($0, widths, palette) }
        return lines.map { line in
            (width.map { TerminalText.cut(line, to: $0) } ?? line) + "\n"
        }.joined()
    }

    /// How many columns of the terminal there are before the last field begins.
    package var widthBeforeLast: Int { widths.dropLast().reduce(0) { $0 + $1 + 2 } }

    private var titles: [Cell] { columns.map { Cell($0.title, .bold) } }

    private var widths: [Int] {
        columns.indices.map { column in
            ([titles] + rows).map { TerminalText.columns(of: $0[column].text) }.max() ?? 0
        }
    }

    private func line(_ row: [Cell], _ widths: [Int], _ palette: Palette) -> String {
        // Nothing is padded after the last text of a line.
        let end = row.lastIndex { !$0.text.isEmpty } ?? 0
        let fields = row[...end].indices.map { column in
            let cell = row[column]
            let padding = String(
                repeating: " ", count: widths[column] - TerminalText.columns(of: cell.text))
            let text = palette.paint(cell.text, cell.style)
            return switch columns[column].alignment {
            case .right: padding + text
            case .left: column == end ? text : text + padding
            }
        }
        return fields.joined(separator: "  ")
    }
}
