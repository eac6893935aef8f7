// The parts that pages are made of.
export { QrCode } from "./QrCode";
export { Button, ButtonLink } from "./Button";
export { Dialog } from "./Dialog";
export { Check, Field, Radios, Select, TextField, type Choice } from "./Field";
export { Busy, Empty, ErrorBox, Notice } from "./Notice";
export { Page } from "./Page";
export { Table, type Column } from "./Table";
export { Tabs, type Tab } from "./Tabs";
export { toast } from "./toast";
