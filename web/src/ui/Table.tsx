// A table that becomes cards on a narrow screen; still a table for those who listen.
import type { ReactNode } from "react";

export interface Column<Row> {
  key: string;
  head: string;
  cell: (row: Row) => ReactNode;
  right?: boolean;
  /** Names its row: one column of each table. */
  names?: boolean;
}

interface Props<Row> {
  caption: string;
  columns: Column<Row>[];
  rows: Row[];
  id: (row: Row) => string | number;
  testid?: string;
}

export function Table<Row>({ caption, columns, rows, id, testid }: Props<Row>) {
  return (
    <table className="list" role="table" data-testid={testid}>
      <caption>{caption}</caption>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((column) => (
            <th key={column.key} scope="col" role="columnheader" className={column.right ? "right" : undefined}>{column.head}</th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => (
          <tr key={id(row)} role="row" data-id={id(row)}>
            {columns.map((column) =>
              column.names ? (
                <th key={column.key} scope="row" role="rowheader" data-label={column.head}>{column.cell(row)}</th>
              ) : (
                <td key={column.key} role="cell" data-label={column.head} className={column.right ? "right" : undefined}>{column.cell(row)}</td>
              ),
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
